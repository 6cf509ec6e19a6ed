// Prints the OpenAPI document, for linters and generators of clients.
#include <cstdio>
#include <string>

#include "server/rest/openapi.h"

int main() {
  const std::string document = auscult::rest::OpenApiDocument();
  return std::fwrite(document.data(), 1, document.size(), stdout) == document.size() ? 0 : 1;
}
