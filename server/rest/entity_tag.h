#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"

namespace auscult::rest {

// ETag of an answer: "<etag of the resource>.<hash of the content>", or the hash alone where the
// message has no `etag`. Strong (RFC 9110, 8.8.3): a machine's health changes without a new etag,
// so the etag alone would have caches show old health.
std::string EntityTag(const google::protobuf::Message& answer, std::string_view content);

// If-None-Match: true where the client has this already.
bool MatchesAny(std::string_view if_none_match, std::string_view entity_tag);

// The resource's etag out of an If-Match, for the field of the request: of what EntityTag made, or
// of the `etag` that stands in the JSON, quoted or not. "*" stays.
std::string ResourceEtag(std::string_view if_match);

}  // namespace auscult::rest
