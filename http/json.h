// JSON strings (RFC 8259 7): escaping what goes out, checking what was escaped by others.
//
// Functions of their arguments; usable from any core. None of them adds or wants the quotes around.
#pragma once

#include <string>
#include <string_view>

namespace http {

// HOT. Appends raw with '"', '\' and the control characters below 0x20 escaped (\n \r \t \b \f
// short, the rest \u00XX in upper case) and all else unchanged. Clean runs are copied at once.
void append_json_escaped(std::string& out, std::string_view raw);

// Would '"' + body + '"' be a valid JSON string in valid UTF-8? Surrogate escapes must come in
// pairs: a lone one names no character, and readers disagree on what to make of it.
bool is_json_string_body(std::string_view body);

// Within a script element, "</" could end it, and "<!--" with a "<script" after it would hide its
// end (HTML 13.2.5, the script data states). In a JSON string "<\/" and "<\u0021" mean the same.
bool needs_iframe_escape(std::string_view json);
void append_iframe_escaped(std::string& out, std::string_view json);

}  // namespace http
