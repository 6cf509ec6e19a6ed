#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/rest/exchange.h"

namespace auscult::rest {

// The files of a folder, in memory as they were when it was read: no request names a path of the
// file system. FILE.gz beside FILE is the same for those who take gzip; what gets smaller and has
// none is packed here. Immutable.
class StaticSite {
 public:
  // NOT_FOUND: no such folder, or one without index.html. RESOURCE_EXHAUSTED: more than a dashboard
  // would be. Links are not followed.
  static absl::StatusOr<StaticSite> Read(const std::string& folder);

  // Whether a file is served at the path, or a folder with an index.html.
  bool Serves(std::string_view path) const;
  // For a path that it serves; 304 where the client has the same, 308 to FOLDER/ where that lacks
  // its slash.
  HttpResponse Answer(const HttpRequest& request) const;

  size_t file_count() const { return files_.size(); }

 private:
  struct File {
    std::string bytes, gzip;  // gzip: empty where it is not smaller
    std::string content_type, etag;
    bool is_immutable = false;  // its name changes with its content
  };

  const File* Find(std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;  // by "/assets/index-BX3d81aq.js"
};

}  // namespace auscult::rest
