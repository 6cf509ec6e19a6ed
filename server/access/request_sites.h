#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "server/access/caller.h"

namespace auscult::server {

// A resource of a site that a message names.
struct NamedResource {
  std::string_view name;  // "sites/a/assets/b"; as the caller wrote it, so that it may be malformed
  std::string_view site;  // "a"; "-": every site
};

// The site that a name begins with: "a" of "sites/a/assets/b"; no data for a name of another kind.
std::string_view SiteOf(std::string_view name);

// Visits the resources of sites in a request or an answer: in its texts at any depth, single,
// repeated, or in maps, but for those that hold words of people. Ends where `visit` answers false.
void VisitNames(const google::protobuf::Message& message,
                const std::function<bool(const NamedResource&)>& visit);

// The path of a text of the message with this value: "schedule.name", "labels[3].point".
std::string FieldOfName(const google::protobuf::Message& message, std::string_view name);

// Takes out of an answer the items of its lists that name a site at which the caller does not hold
// the role.
void KeepVisible(const Caller& caller, v1::Role role, google::protobuf::Message& answer);

}  // namespace auscult::server
