#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace auscult::rest {

// Where a stream goes on after a break. A request has a field for it: `resume_token`, which its
// events have too, `after_time`, or in a stream of stored records `start_time`. The id of an event
// is the token, or the time to put there: the latest `measured_at` or `time_us` in it, for the
// inclusive start_time a microsecond later. Requests with no such field have events without ids,
// and begin anew.
const google::protobuf::FieldDescriptor* FindResumeField(
    const google::protobuf::Descriptor& request);

// Puts a Last-Event-ID into the request. INVALID_ARGUMENT where it is none.
absl::Status ResumeFrom(std::string_view last_event_id, google::protobuf::Message& request);

// Empty where the event has no token or time, or the request no field for it.
std::string EventId(const google::protobuf::Descriptor& request,
                    const google::protobuf::Message& event);

// One event of text/event-stream (HTML, 9.2): its JSON as data, behind the id where there is one.
// An event with no field set but `resume_token` is a heartbeat, and comes as a comment.
std::string EventText(const std::string& id, const google::protobuf::Message& event);

}  // namespace auscult::rest
