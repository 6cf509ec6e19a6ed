#pragma once

#include <google/api/annotations.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "auscult/v1/ingest_service.pb.h"
#include "tests/server/plant_server.h"
#include "tests/server/raw_call.h"

// Calls of any method that the descriptors know, with requests that are made from them.
namespace auscult::server {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// The pattern that the HTTP binding of the method asks of its resource: "sites/*/assets/*", and the
// path of the field, "name"; empty where it asks for none.
struct NamePattern {
  std::string field, pattern;
};

inline NamePattern PatternOf(const MethodDescriptor& method) {
  const auto& http = method.options().GetExtension(google::api::http);
  for (const std::string* path :
       {&http.get(), &http.post(), &http.put(), &http.patch(), &http.delete_()}) {
    const size_t open = path->find('{'), equals = path->find('='), close = path->find('}');
    if (open == std::string::npos || equals == std::string::npos) continue;
    return {path->substr(open + 1, equals - open - 1),
            path->substr(equals + 1, close - equals - 1)};
  }
  return {};
}

// "sites/own/assets/pump/points/de", as far as the pattern goes; another kind of name stays as the
// pattern has it, with ids for its stars.
inline std::string NameLike(const std::string& pattern, const std::string& site) {
  if (!pattern.starts_with("sites/")) {
    std::string name;
    for (const char c : pattern) name += c == '*' ? "1" : std::string(1, c);
    return name;
  }
  const char* const ids[] = {nullptr, "pump", "de", "1"};
  std::string name;
  size_t star = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '*') {
      name += pattern[i];
    } else if (i + 1 < pattern.size() && pattern[i + 1] == '*') {
      name += star == 0 ? site : "pump/points/de";
      ++i;
    } else {
      const bool points = name.ends_with("/points/") || name.ends_with("/assets/");
      name += star == 0 ? site : points ? ids[star] : "1";
      ++star;
    }
  }
  return name;
}

// Sets the text at the path.
inline void SetText(Message& message, const std::string& path, const std::string& text) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(path.substr(0, dot));
  ASSERT_NE(field, nullptr) << path;
  const auto& reflection = *message.GetReflection();
  if (dot != std::string::npos) {
    SetText(*reflection.MutableMessage(&message, field), path.substr(dot + 1), text);
  } else {
    reflection.SetString(&message, field, text);
  }
}

// Fields that hold names of resources of sites, beside the one that the HTTP binding names.
inline bool HoldsASite(const FieldDescriptor& field) {
  if (field.type() != FieldDescriptor::TYPE_STRING) return false;
  for (const char* name : {"name", "parent", "point", "asset", "scope", "site"}) {
    if (field.name() == name) return true;
  }
  return false;
}

// A request of the method about the site; "" names none. `malformed` names are the handler's to
// refuse.
inline std::unique_ptr<Message> RequestAbout(const MethodDescriptor& method,
                                             const std::string& site) {
  const Descriptor* type = method.input_type();
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
  std::unique_ptr<Message> request(prototype->New());
  if (site.empty()) return request;
  const NamePattern pattern = PatternOf(method);
  if (!pattern.field.empty()) {
    SetText(*request, pattern.field, NameLike(pattern.pattern, site));
    if (pattern.pattern.starts_with("sites/")) return request;
  }
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!HoldsASite(*field) || field->is_repeated() || field->name() == pattern.field) continue;
    request->GetReflection()->SetString(request.get(), field, "sites/" + site);
  }
  return request;
}

// How the server answers one call with one message. Of a stream of acks the refusal of the first
// counts; a stream that goes on for ever is left when its deadline comes.
inline grpc::Status MadeCall(const std::shared_ptr<grpc::Channel>& channel,
                             const MethodDescriptor& method, const Message& request,
                             const std::string& credential) {
  grpc::ClientContext context;
  const bool endless = method.name().starts_with("Watch");
  context.set_deadline(std::chrono::system_clock::now() +
                       (endless ? std::chrono::milliseconds(400) : std::chrono::seconds(30)));
  if (!credential.empty()) context.AddMetadata("authorization", "Bearer " + credential);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const std::string path = "/" + method.service()->full_name() + "/" + method.name();
  const auto call = stub.PrepareCall(&context, path, &queue);
  void* tag = nullptr;
  bool ok = false;
  const auto await = [&] { return queue.Next(&tag, &ok) && ok; };
  call->StartCall(nullptr);
  await();
  grpc::Slice slice(request.SerializeAsString());
  const grpc::ByteBuffer bytes(&slice, 1);
  call->WriteLast(bytes, grpc::WriteOptions(), nullptr);
  await();
  grpc::Status rejected;
  grpc::ByteBuffer answer;
  for (call->Read(&answer, nullptr); await(); call->Read(&answer, nullptr)) {
    v1::StreamWaveformsResponse ack;
    if (method.name() != "StreamWaveforms" || !ack.ParseFromString(BytesOf(answer))) continue;
    const v1::Rejection& why = ack.result().rejection();
    google::rpc::Status details;
    google::rpc::ErrorInfo info;
    info.set_reason(why.reason());
    info.set_domain("auscult.dev");
    details.add_details()->PackFrom(info);
    rejected = grpc::Status(static_cast<grpc::StatusCode>(why.code()),
                            why.message() + "; " + why.remedy(), details.SerializeAsString());
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  await();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return status.ok() ? rejected : status;
}

}  // namespace auscult::server
