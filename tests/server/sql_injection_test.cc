// Strings that mean something to SQL, JSON or C, in every string field of every request of the
// contract, found by reflection: each is refused or kept as it is, and nothing breaks.
#include <google/api/annotations.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/server.h"
#include "tests/server/ingest_fixture.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::server {
namespace {

namespace pb = google::protobuf;

// How deep messages lie within a request that is filled.
constexpr size_t kMostDepth = 4;

const std::vector<std::string>& Strings() {
  static const std::vector<std::string> strings = {
      "'",
      "'; DROP TABLE site; --",
      "\\'); DELETE FROM asset; SELECT ('",
      std::string("a\0b", 3),
      "{\"a\": [null, \"\\u0000\"]}",
      "%s%n$1${1}\t\r\n\x1b[0m",
      "\u03a9\U0001F600\u202e\ufffe",
      std::string(100'000, '\''),
  };
  return strings;
}

// From a request to one of its string fields.
using Path = std::vector<const pb::FieldDescriptor*>;

void FindStrings(const pb::Descriptor& type, Path& above, std::vector<Path>& found) {
  for (int i = 0; i < type.field_count(); ++i) {
    above.push_back(type.field(i));
    if (type.field(i)->type() == pb::FieldDescriptor::TYPE_STRING) {
      found.push_back(above);
    } else if (type.field(i)->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
               above.size() < kMostDepth) {
      FindStrings(*type.field(i)->message_type(), above, found);
    }
    above.pop_back();
  }
}

void Set(pb::Message& request, const Path& path, const std::string& value) {
  pb::Message* at = &request;
  for (const pb::FieldDescriptor* field : path) {
    const pb::Reflection& reflection = *at->GetReflection();
    if (field == path.back()) {
      field->is_repeated() ? reflection.AddString(at, field, value)
                           : reflection.SetString(at, field, value);
    } else {
      at = field->is_repeated() ? reflection.AddMessage(at, field)
                                : reflection.MutableMessage(at, field);
    }
  }
}

// "sites/*/assets/*" with ids that are there: what a call has to get past before it asks for more.
std::string NameOf(std::string pattern) {
  static const std::map<std::string, std::string> ids = {
      {"sites", "s"}, {"assets", "a"}, {"points", "p0"}, {"models", "diagnosis"}};
  std::string name, last;
  for (size_t at = 0; at < pattern.size();) {
    const size_t end = std::min(pattern.find('/', at), pattern.size());
    std::string part = pattern.substr(at, end - at);
    if (part.starts_with("*")) part = ids.count(last) > 0 ? ids.at(last) : "1";
    name += (name.empty() ? "" : "/") + part;
    last = part;
    at = end + 1;
  }
  return name;
}

const std::string& UrlOf(const google::api::HttpRule& rule) {
  return !rule.get().empty()     ? rule.get()
         : !rule.post().empty()  ? rule.post()
         : !rule.patch().empty() ? rule.patch()
         : !rule.put().empty()   ? rule.put()
                                 : rule.delete_();
}

// With the names of its URL.
std::unique_ptr<pb::Message> RequestOf(const pb::MethodDescriptor& method) {
  std::unique_ptr<pb::Message> request(
      pb::MessageFactory::generated_factory()->GetPrototype(method.input_type())->New());
  const std::string& url = UrlOf(method.options().GetExtension(google::api::http));
  for (size_t open = url.find('{'); open != std::string::npos; open = url.find('{', open + 1)) {
    const std::string variable = url.substr(open + 1, url.find('}', open) - open - 1);
    const size_t equals = variable.find('=');
    if (equals == std::string::npos) continue;
    Path path;
    const pb::Descriptor* type = method.input_type();
    for (size_t at = 0; at < equals && type != nullptr;) {
      const size_t end = std::min(variable.find('.', at), equals);
      path.push_back(type->FindFieldByName(variable.substr(at, end - at)));
      type = path.back() == nullptr ? nullptr : path.back()->message_type();
      at = end + 1;
    }
    if (path.back() != nullptr) Set(*request, path, NameOf(variable.substr(equals + 1)));
  }
  return request;
}

std::vector<const pb::MethodDescriptor*> Methods() {
  std::vector<const pb::MethodDescriptor*> methods;
  const std::filesystem::path folder = AUSCULT_SOURCE_DIR "/proto/auscult/v1";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = "auscult/v1/" + entry.path().filename().string();
    const pb::FileDescriptor* file = pb::DescriptorPool::generated_pool()->FindFileByName(name);
    for (int i = 0; file != nullptr && i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

class HostileStrings : public ::testing::Test {
 protected:
  HostileStrings() : connection_(database_.Connect()) {
    CreateTestPlant(*connection_);
    Config config;
    config.listen = "127.0.0.1:0";
    config.rest_listen = "";
    config.database = database_.conninfo();
    auto server = Server::Start(config);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                                   grpc::InsecureChannelCredentials());
  }

  // Any kind of method: one request, and the end of the answers.
  grpc::Status Ask(const pb::MethodDescriptor& method, const pb::Message& request) {
    grpc::ClientContext context;
    // Streams that only the caller ends have begun by then.
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(method.server_streaming() ? 100 : 5000));
    grpc::CompletionQueue queue;
    const auto next = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    grpc::GenericStub stub(channel_);
    const std::string name = "/" + method.service()->full_name() + "/" + method.name();
    const auto call = stub.PrepareCall(&context, name, &queue);
    call->StartCall(nullptr);
    bool open = next();
    const grpc::Slice slice(request.SerializeAsString());
    if (open) call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    if (open) next();
    for (grpc::ByteBuffer answer; open;) {
      call->Read(&answer, nullptr);
      open = next();
    }
    grpc::Status status;
    call->Finish(&status, nullptr);
    next();
    queue.Shutdown();
    while (next()) {
    }
    return status;
  }

  int64_t Count(db::Sql sql) {
    const auto rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  const support::TestDatabase database_;
  std::unique_ptr<db::Connection> connection_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(HostileStrings, AreRefusedOrKeptInEveryFieldOfEveryRequest) {
  constexpr db::Sql kTables(
      "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
      " AND relnamespace = 'public'::regnamespace");
  const int64_t tables = Count(kTables);
  int fields = 0, calls = 0;
  std::map<grpc::StatusCode, int> answers;
  for (const pb::MethodDescriptor* method : Methods()) {
    std::vector<Path> paths;
    Path above;
    FindStrings(*method->input_type(), above, paths);
    for (const Path& path : paths) {
      ++fields;
      for (const std::string& text : Strings()) {
        const std::unique_ptr<pb::Message> request = RequestOf(*method);
        Set(*request, path, text);
        const grpc::Status status = Ask(*method, *request);
        ++calls;
        ++answers[status.error_code()];
        for (const grpc::StatusCode code :
             {grpc::StatusCode::INTERNAL, grpc::StatusCode::UNKNOWN, grpc::StatusCode::UNAVAILABLE,
              grpc::StatusCode::DATA_LOSS}) {
          EXPECT_NE(status.error_code(), code)
              << method->full_name() << " " << path.back()->full_name() << " = "
              << text.substr(0, 40) << ": " << status.error_message();
        }
      }
    }
  }
  std::printf("%d calls of %d string fields:", calls, fields);
  for (const auto& [code, count] : answers) std::printf(" code %d: %d", code, count);
  std::printf("\n");
  EXPECT_GT(fields, 150);
  EXPECT_GT(answers[grpc::StatusCode::OK], 50) << "some get as far as the database";
  EXPECT_EQ(Count(kTables), tables);
  EXPECT_EQ(Count("SELECT count(*) FROM asset WHERE slug = 'a'"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM point"), 8);
}

}  // namespace
}  // namespace auscult::server
