#include "http/request.h"

namespace http {

std::string_view Request::header(std::string_view lower_case_name) const {
  for (const HeaderSlice& slice : headers) {
    if (name_of(slice) == lower_case_name) return value_of(slice);
  }
  return {};
}

}  // namespace http
