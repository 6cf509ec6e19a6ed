#include "server/rest/event_stream.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "server/rest/json_writer.h"
#include "server/rest/repeated_numbers.h"
#include "server/rest/rest_error.h"

namespace auscult::rest {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

constexpr char kResumeToken[] = "resume_token";

bool IsTime(const FieldDescriptor& field) {
  return !field.is_repeated() && field.message_type() == Timestamp::descriptor();
}

void NoteLatest(const Message& message, std::optional<int64_t>& latest_us) {
  std::vector<const FieldDescriptor*> present;
  message.GetReflection()->ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    if (field->name() == "time_us" && field->is_repeated() &&
        field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      for (const int64_t time_us : NumbersOf<int64_t>(message, *field)) {
        latest_us = std::max(latest_us.value_or(time_us), time_us);
      }
    } else if (field->name() == "measured_at" && IsTime(*field)) {
      const int64_t time_us = TimeUtil::TimestampToMicroseconds(
          static_cast<const Timestamp&>(message.GetReflection()->GetMessage(message, field)));
      latest_us = std::max(latest_us.value_or(time_us), time_us);
    } else if (field->message_type() != nullptr && !field->is_map()) {
      const int count =
          field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        NoteLatest(field->is_repeated()
                       ? message.GetReflection()->GetRepeatedMessage(message, field, i)
                       : message.GetReflection()->GetMessage(message, field),
                   latest_us);
      }
    }
  }
}

bool IsHeartbeat(const Message& event) {
  std::vector<const FieldDescriptor*> present;
  event.GetReflection()->ListFields(event, &present);
  return std::ranges::all_of(
      present, [](const FieldDescriptor* field) { return field->name() == kResumeToken; });
}

}  // namespace

const FieldDescriptor* FindResumeField(const Descriptor& request) {
  if (const FieldDescriptor* token = request.FindFieldByName(kResumeToken)) return token;
  for (const char* name : {"after_time", "start_time"}) {
    const FieldDescriptor* field = request.FindFieldByName(name);
    if (field != nullptr && IsTime(*field)) return field;
  }
  return nullptr;
}

absl::Status ResumeFrom(std::string_view last_event_id, Message& request) {
  const FieldDescriptor* field = FindResumeField(*request.GetDescriptor());
  if (field == nullptr || last_event_id.empty()) return absl::OkStatus();
  if (field->name() == kResumeToken) {
    request.GetReflection()->SetString(&request, field, std::string(last_event_id));
    return absl::OkStatus();
  }
  Message& time = *request.GetReflection()->MutableMessage(&request, field);
  if (TimeUtil::FromString(std::string(last_event_id), static_cast<Timestamp*>(&time))) {
    return absl::OkStatus();
  }
  return Refuse({.reason = "BAD_EVENT_ID",
                 .message = "Last-Event-ID is no id of an event of this stream",
                 .remedy = "send the id of the last event as it came, or none",
                 .field = "Last-Event-ID"});
}

std::string EventId(const Descriptor& request, const Message& event) {
  const FieldDescriptor* field = FindResumeField(request);
  if (field != nullptr && field->name() == kResumeToken) {
    const FieldDescriptor* token = event.GetDescriptor()->FindFieldByName(kResumeToken);
    return token == nullptr ? "" : event.GetReflection()->GetString(event, token);
  }
  std::optional<int64_t> latest_us;
  if (field != nullptr) NoteLatest(event, latest_us);
  if (!latest_us) return "";
  if (field->name() == "start_time") ++*latest_us;
  return TimeUtil::ToString(TimeUtil::MicrosecondsToTimestamp(*latest_us));
}

std::string EventText(const std::string& id, const Message& event) {
  std::string text;
  if (!id.empty()) text += "id: " + id + "\n";
  if (IsHeartbeat(event)) return text + ": alive\n\n";
  text += "data: ";
  AppendJson(event, text);
  return text + "\n\n";
}

}  // namespace auscult::rest
