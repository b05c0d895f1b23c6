#include "outbox.hpp"

#include "mplane/component/delivery.hpp"
#include "mplane/model/error.hpp"
#include "written.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {
namespace {

/// What one run yielded, as it goes out: of a repeated specification in an envelope with its token.
Message as_sent(const Specification& specification, const Instant accepted, Message outcome) {
  if (const auto* const result = outcome.find<Result>()) {
    if (result->registry().find(kDeliveryId) != nullptr) {
      outcome = Result(*result).with_metadata(kDeliveryId, delivery_key(outcome));
    }
  }
  if (!specification.when().is_repeated()) return outcome;
  Envelope envelope;
  envelope.content_type = outcome.find<Result>() == nullptr ? "message" : "result";
  envelope.token = specification.token();
  if (!specification.label().empty()) envelope.label = specification.label();
  envelope.when = specification.when().outer(accepted);
  envelope.append(std::move(outcome));
  return envelope;
}

std::optional<Url> parsed(const std::string& text) {
  try {
    return Url::parse(text);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::string queue_of(const Url& url) { return url.scheme() + "://" + url.authority(); }

Outbox::Outbox(Options options, Scheduler& scheduler, Spool& spool, const Clock& clock)
    : options_(std::move(options)),
      scheduler_(scheduler),
      spool_(spool),
      clock_(clock),
      couriers_(spool, clock, options_.log),
      tls_(options_.tls) {}

Outbox::~Outbox() { gate_.close(); }

void Outbox::add_supervisor(const Url& url, const std::string& queue) {
  const Lock lock(mutex_);
  supervisors_.emplace_back(url, queue);
}

std::optional<Destination> Outbox::destination(const std::string& link) const {
  try {
    Url url = Url::parse(link);
    {
      const Lock lock(mutex_);
      for (const auto& [supervisor, queue] : supervisors_) {
        if (supervisor.same_origin(url)) return Destination{queue, std::move(url)};
      }
    }
    if (options_.rules.allow(url)) return Destination{queue_of(url), std::move(url)};
  } catch (const Error&) {
    // What is no URL leads nowhere.
  }
  return {};
}

Destination Outbox::export_destination(const Specification& specification) const {
  Url url = options_.rules.target(specification.export_url().value_or(""));
  return {queue_of(url), std::move(url)};
}

void Outbox::check(const Specification& specification) const { export_destination(specification); }

void Outbox::begin(const std::string& owner, const Specification& specification) {
  follow(owner, specification, clock_.now(), export_destination(specification));
}

void Outbox::follow(const std::string& owner, const Specification& specification,
                    const Instant accepted, const Destination& to) {
  const Job job(owner, specification.token());
  {
    const Lock lock(mutex_);
    if (!followed_.insert(job).second) return;
  }
  try {
    scheduler_.follow(owner, job.second, gate_.guarded([=, this](std::optional<Message> outcome) {
      if (outcome) {
        put(job.first, specification, accepted, to, *std::move(outcome));
      } else {
        ended(job);
      }
    }));
  } catch (const Error&) {
    const Lock lock(mutex_);  // forgotten meanwhile
    followed_.erase(job);
  }
}

bool Outbox::follows(const std::string& owner, const std::string& token) const {
  const Lock lock(mutex_);
  return followed_.count({owner, token}) > 0;
}

/// Tokens are scoped to their owner, and what goes to one place does not go to another.
void Outbox::put(const std::string& owner, const Specification& specification,
                 const Instant accepted, const Destination& to, Message outcome) {
  const std::string url = to_string(to.url);
  const std::string key = owner + '\n' + url + '\n' + delivery_key(outcome);
  const Message message = as_sent(specification, accepted, std::move(outcome));
  spool_.put(to.queue, url, key, written(message, options_.log).json);
  if (Courier* const courier = courier_for(to)) courier->wake();
}

/// The scheduler need not keep what the spool does.
void Outbox::ended(const Job& job) {
  {
    const Lock lock(mutex_);
    followed_.erase(job);
  }
  spool_.when_kept(gate_.guarded([this, job](const bool kept) {
    if (!kept) return;
    try {
      scheduler_.hand_over(job.first, job.second);
    } catch (const Error&) {
      // It has been forgotten: so much the better.
    }
  }));
}

/// The courier of its queue, made for one of those that may be exported to.
Courier* Outbox::courier_for(const Destination& to) {
  Courier* const courier = couriers_.find(to.queue);
  if (courier != nullptr || !options_.rules.allow(to.url)) return courier;
  return &couriers_.add(courier_to(to));
}

Courier::Options Outbox::courier_to(const Destination& to) const {
  const CallingOptions& calling = options_.calling;
  const Lock lock(mutex_);
  return {.queue = to.queue,
          .peer = to.url,
          .http = {.tls = tls_, .body_bytes = calling.body_bytes},
          .back_off = BackOff(calling.first_retry, calling.last_retry, calling.seed),
          .allows = [rules = options_.rules](const Url& url) { return rules.allow(url); }};
}

void Outbox::use(const TlsContext& tls) {
  {
    const Lock lock(mutex_);
    tls_ = tls;
  }
  couriers_.use(tls);
}

void Outbox::restore(const JobRecord& record) {
  const Specification& specification = record.specification;
  const auto& link = specification.link();
  const bool exported = specification.export_url().has_value();
  if (record.state.handed_over || (!exported && !link)) return;
  try {
    const auto to = exported ? export_destination(specification) : destination(*link);
    if (!to) throw Error(ErrorKind::Configuration, *link, "no supervisor is there any more");
    follow(record.owner, specification, record.state.accepted, *to);
  } catch (const Error& error) {
    log(options_.log,
        {Severity::Warning,
         "outbox",
         "the results of a specification from before cannot be sent",
         {{"owner", record.owner}, {"token", specification.token()}, {"reason", error.what()}}});
  }
}

void Outbox::resume() {
  for (const std::string& queue : spool_.queues()) {
    if (couriers_.find(queue) != nullptr) continue;
    const auto item = spool_.next(queue);
    // Where some may go the courier sees to each: the operator may allow less than before.
    const auto url = item ? parsed(item->url) : std::nullopt;
    if (url && options_.rules.reach(*url)) {
      couriers_.add(courier_to({queue, *url}));
      continue;
    }
    log(options_.log, {Severity::Warning,
                       "outbox",
                       "messages wait for a peer that is configured no more",
                       {{"peer", queue}}});
  }
}

}  // namespace mplane::detail
