/* The border between a component and a module in a shared object, in C11 and C++.
 *
 * What crosses it is text: statements in the protocol's JSON. No C++ type, no exception, no thread
 * and no ownership crosses; each side frees what it allocated. Structures begin with their size or
 * the number below, and only grow at their ends; what could not grow so would get a new number.
 *
 * A module exports one function, mplane_plugin_open. Who writes C++ includes <mplane/plugin.hpp>
 * instead and never sees any of this. */
#ifndef MPLANE_PLUGIN_H
#define MPLANE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define MPLANE_PLUGIN_ABI 1u

#ifdef __cplusplus
extern "C" {
#endif

/* This is C, with the names that are usual there. */
/* NOLINTBEGIN(modernize-use-using, readability-identifier-naming) */

/* What the component tells a module when it opens it. Valid during that call, but for `log`. */
typedef struct mplane_host {
  size_t size;
  const char* const* settings;   /* from the configuration: name, value, name, value, …, NULL */
  const char* const* registries; /* JSON of each that messages may name, ours first; then NULL */
  void* self;                    /* for `log` */
  /* Severity: 0 debug, 1 information, 2 warning, 3 error. From any thread, until `destroy`. */
  void (*log)(void* self, int severity, const char* message);
} mplane_host;

/* One run. Valid until `run` returns. */
typedef struct mplane_job {
  size_t size;
  void* self; /* for the functions below */
  /* Whether it shall end now, with what there is; to be asked at least once a second. */
  int (*stopped)(void* self);
  /* Hands over the result, or an exception, as one message of n bytes. Only the first counts. */
  void (*emit)(void* self, const char* message, size_t n);
} mplane_job;

/* What a module tells the component. */
typedef struct mplane_plugin {
  uint32_t abi; /* MPLANE_PLUGIN_ABI as the module was compiled with */
  size_t size;  /* sizeof(mplane_plugin), likewise */
  void* self;   /* for the functions below */
  /* What it offers, a capability message each; then NULL. They stay where they are until `destroy`.
   */
  const char* const* capabilities;
  /* Runs a specification, a message of n bytes that one of the capabilities accepts. Called on
   * several threads at once. Emits one message and returns 0, or returns something else if it
   * cannot. */
  int (*run)(void* self, const char* specification, size_t n, const mplane_job* job);
  /* Told once, from another thread, when a job shall stop. May be NULL. */
  void (*stop)(void* self, const mplane_job* job);
  /* Called once, when nothing runs any more. The library itself stays loaded. */
  void (*destroy)(void* self);
} mplane_plugin;

/* Fills in `plugin` and returns 0; or writes a sentence that says why not to `error`, of
 * `error_size` bytes with the NUL at its end, and returns something else. The first thing it does
 * is to compare `host_abi` with its own MPLANE_PLUGIN_ABI. Called once for each entry of the
 * configuration that names the library. */
typedef int mplane_plugin_open_function(uint32_t host_abi, const mplane_host* host,
                                        mplane_plugin* plugin, char* error, size_t error_size);

/* NOLINTEND(modernize-use-using, readability-identifier-naming) */

#ifdef __cplusplus
}
#endif

#endif
