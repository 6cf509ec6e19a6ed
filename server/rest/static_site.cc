#include "server/rest/static_site.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/rest/gzip.h"
#include "xxhash.h"

namespace auscult::rest {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostBytes = 64 << 20;
constexpr size_t kMostFiles = 5000;
constexpr size_t kSmallestPacked = 512;
constexpr int kPackedLevel = 9;
constexpr size_t kHashLength = 8;  // of what Vite puts between name and extension

// What a page may do: its own files alone, no script or style within the page, in no frame.
constexpr char kPagePolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct MediaType {
  const char* extension;
  const char* type;
};
constexpr MediaType kMediaTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/vnd.microsoft.icon"},
    {".woff2", "font/woff2"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
};

std::string MediaTypeOfFile(const std::string& path) {
  const std::string extension = fs::path(path).extension();
  for (const MediaType& known : kMediaTypes) {
    if (extension == known.extension) return known.type;
  }
  return "application/octet-stream";
}

// "/assets/index-BX3d81aq.js".
bool IsNamedByContent(const std::string& path) {
  if (!path.starts_with("/assets/")) return false;
  const std::string stem = fs::path(path).stem();
  return stem.size() > kHashLength && stem[stem.size() - kHashLength - 1] == '-';
}

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file.good() && !file.eof()) {
    return absl::PermissionDeniedError(absl::StrCat(path.string(), " cannot be read"));
  }
  return bytes;
}

bool HasTag(std::string_view if_none_match, const std::string& etag) {
  return if_none_match == "*" || if_none_match.find(etag) != if_none_match.npos;
}

}  // namespace

absl::StatusOr<StaticSite> StaticSite::Read(const std::string& folder) {
  StaticSite site;
  int64_t total_bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_symlink() || !entry->is_regular_file()) continue;
    absl::StatusOr<std::string> bytes = ReadFile(entry->path());
    if (!bytes.ok()) return bytes.status();
    total_bytes += static_cast<int64_t>(bytes->size());
    if (total_bytes > kMostBytes || site.files_.size() >= kMostFiles) {
      return absl::ResourceExhaustedError(absl::StrCat(folder, " holds more than ", kMostFiles,
                                                       " files or ", kMostBytes >> 20, " MB"));
    }
    const std::string path = "/" + entry->path().lexically_relative(folder).generic_string();
    if (path.ends_with(".gz")) {
      site.files_[path.substr(0, path.size() - 3)].gzip = *std::move(bytes);
    } else {
      site.files_[path].bytes = *std::move(bytes);
    }
  }
  std::erase_if(site.files_, [](const auto& file) { return file.second.bytes.empty(); });
  if (!site.files_.contains("/index.html")) {
    return absl::NotFoundError(absl::StrCat(folder, " is no folder with an index.html"));
  }
  for (auto& [path, file] : site.files_) {
    file.content_type = MediaTypeOfFile(path);
    file.etag = absl::StrFormat("\"%016x\"", XXH3_64bits(file.bytes.data(), file.bytes.size()));
    file.is_immutable = IsNamedByContent(path);
    if (file.gzip.empty() && file.bytes.size() >= kSmallestPacked &&
        IsCompressible(file.content_type)) {
      file.gzip = Gzip(file.bytes, kPackedLevel);
    }
    if (file.gzip.size() >= file.bytes.size()) file.gzip.clear();
  }
  return site;
}

const StaticSite::File* StaticSite::Find(std::string_view path) const {
  const auto found =
      path.ends_with('/') ? files_.find(std::string(path) + "index.html") : files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

bool StaticSite::Serves(std::string_view path) const {
  return Find(path) != nullptr || Find(std::string(path) + "/") != nullptr;
}

HttpResponse StaticSite::Answer(const HttpRequest& request) const {
  HttpResponse response;
  response.route = "/{file}";
  const File* file = Find(request.path);
  if (file == nullptr) {
    response.status = 308;
    // Relative, so that it holds behind a proxy that serves it under another path.
    const size_t slash = request.path.rfind('/');
    response.headers = {{"Location", "./" + request.path.substr(slash + 1) + "/"}};
    return response;
  }
  const bool packs = !file->gzip.empty() && AcceptsGzip(request.Header("Accept-Encoding"));
  std::string etag = file->etag;
  if (packs) etag.insert(etag.size() - 1, "-gz");
  response.headers = {
      {"Content-Type", file->content_type},
      {"ETag", etag},
      {"Cache-Control", file->is_immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (!file->gzip.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (file->content_type.starts_with("text/html")) {
    response.headers.insert(response.headers.end(), {{"Content-Security-Policy", kPagePolicy},
                                                     {"Referrer-Policy", "same-origin"},
                                                     {"Cross-Origin-Opener-Policy", "same-origin"},
                                                     {"X-Frame-Options", "DENY"}});
  }
  if (HasTag(request.Header("If-None-Match"), etag)) {
    response.status = 304;
    return response;
  }
  if (packs) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = packs ? file->gzip : file->bytes;
  return response;
}

}  // namespace auscult::rest
