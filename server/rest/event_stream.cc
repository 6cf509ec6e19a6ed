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

}  // namespace

const FieldDescriptor* FindResumeField(const Descriptor& request) {
  for (const char* name : {"after_time", "start_time"}) {
    const FieldDescriptor* field = request.FindFieldByName(name);
    if (field != nullptr && IsTime(*field)) return field;
  }
  return nullptr;
}

absl::Status ResumeFrom(std::string_view last_event_id, Message& request) {
  const FieldDescriptor* field = FindResumeField(*request.GetDescriptor());
  if (field == nullptr || last_event_id.empty()) return absl::OkStatus();
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
  std::optional<int64_t> latest_us;
  if (field != nullptr) NoteLatest(event, latest_us);
  if (!latest_us) return "";
  if (field->name() == "start_time") ++*latest_us;
  return TimeUtil::ToString(TimeUtil::MicrosecondsToTimestamp(*latest_us));
}

std::string EventText(const std::string& id, const Message& event) {
  std::string data;
  AppendJson(event, data);
  if (data == "{}") return ": alive\n\n";
  std::string text;
  text.reserve(id.size() + data.size() + 16);
  if (!id.empty()) text += "id: " + id + "\n";
  return text + "data: " + data + "\n\n";
}

}  // namespace auscult::rest
