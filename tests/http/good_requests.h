// Requests that are as they should be, and what they say.
#pragma once

#include <string_view>

namespace http {

using namespace std::literals;

struct GoodCase {
  std::string_view bytes;
  std::string_view method;
  std::string_view path;
  std::string_view query;
  int version_minor;
  bool keep_alive;
  std::string_view headers;
  std::string_view body;
};

inline constexpr GoodCase kGoodCases[] = {
    // Request lines
    {"GET / HTTP/1.1\r\n\r\n", "GET", "/", "", 1, true, "", ""},
    {"GET /poll?cname=a&seq=1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "/poll", "cname=a&seq=1", 1,
     true, "host=h;", ""},
    {"GET /a?b?c=d HTTP/1.1\r\n\r\n", "GET", "/a", "b?c=d", 1, true, "", ""},
    {"GET /a? HTTP/1.1\r\n\r\n", "GET", "/a", "", 1, true, "", ""},
    {"GET /a#b?c HTTP/1.1\r\n\r\n", "GET", "/a", "", 1, true, "", ""},
    {"GET /a?b#c HTTP/1.1\r\n\r\n", "GET", "/a", "b", 1, true, "", ""},
    {"GET //a/../b HTTP/1.1\r\n\r\n", "GET", "//a/../b", "", 1, true, "", ""},
    {"GET /?u=http://x/y HTTP/1.1\r\n\r\n", "GET", "/", "u=http://x/y", 1, true, "", ""},
    {"GET /\xe4\xb8\xad?c=\xe6\x96\x87 HTTP/1.1\r\n\r\n", "GET", "/\xe4\xb8\xad", "c=\xe6\x96\x87",
     1, true, "", ""},
    {"GET http://h:80/p?q HTTP/1.1\r\n\r\n", "GET", "/p", "q", 1, true, "", ""},
    {"GET http://h HTTP/1.1\r\n\r\n", "GET", "/", "", 1, true, "", ""},
    {"GET http://h?q=/x HTTP/1.1\r\n\r\n", "GET", "/", "q=/x", 1, true, "", ""},
    {"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS", "*", "", 1, true, "", ""},
    {"HEAD /a HTTP/1.1\r\n\r\n", "HEAD", "/a", "", 1, true, "", ""},
    {"PATCH /a HTTP/1.1\r\n\r\n", "PATCH", "/a", "", 1, true, "", ""},
    {"M-SEARCH /a HTTP/1.1\r\n\r\n", "M-SEARCH", "/a", "", 1, true, "", ""},
    // Versions and connections (RFC 9112 9.3)
    {"GET / HTTP/1.0\r\n\r\n", "GET", "/", "", 0, false, "", ""},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/", "", 0, true,
     "connection=Keep-Alive;", ""},
    {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", "GET", "/", "", 0, false,
     "connection=keep-alive, close;", ""},
    {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET", "/", "", 1, false, "connection=close;",
     ""},
    {"GET / HTTP/1.1\r\nConnection: x, CLOSE\r\n\r\n", "GET", "/", "", 1, false,
     "connection=x, CLOSE;", ""},
    {"GET / HTTP/1.1\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n", "GET", "/", "", 1,
     false, "connection=close;connection=keep-alive;", ""},
    {"GET / HTTP/1.1\r\nConnection: closed\r\n\r\n", "GET", "/", "", 1, true, "connection=closed;",
     ""},
    // Headers
    {"GET / HTTP/1.1\r\nA:b\r\nC: \t d \t\r\nE:\r\nF:  \r\n\r\n", "GET", "/", "", 1, true,
     "a=b;c=d;e=;f=;", ""},
    {"GET / HTTP/1.1\r\nX-Some: a: b\r\nx-some: c\r\n\r\n", "GET", "/", "", 1, true,
     "x-some=a: b;x-some=c;", ""},
    {"GET / HTTP/1.1\r\nA: \xc3\xa9\xff\r\n\r\n", "GET", "/", "", 1, true, "a=\xc3\xa9\xff;", ""},
    {"GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n", "GET", "/", "", 1, true,
     "expect=100-continue;", ""},
    {"GET / HTTP/1.0\r\nExpect: anything\r\n\r\n", "GET", "/", "", 0, false, "expect=anything;",
     ""},
    // What llhttp takes in good part
    {"\r\n\n\r\nGET / HTTP/1.1\r\n\r\n", "GET", "/", "", 1, true, "", ""},
    {"GET  /  HTTP/1.1\r\n\r\n", "GET", "/", "", 1, true, "", ""},
    {"GET / HTTP/1.0\n\n", "GET", "/", "", 0, false, "", ""},
    // No switching of protocols
    {"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "GET", "/", "", 1, true,
     "connection=Upgrade;upgrade=websocket;", ""},
    {"POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab",
     "POST", "/", "", 1, true, "connection=Upgrade;upgrade=h2c;content-length=2;", "ab"},
    {"CONNECT a.b:80 HTTP/1.1\r\n\r\n", "CONNECT", "a.b:80", "", 1, true, "", ""},
    {"CONNECT a.b:80 HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", "CONNECT", "a.b:80", "", 1, true,
     "content-length=2;", "ab"},
    // Bodies
    {"POST /push HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "POST", "/push", "", 1, true,
     "content-length=5;", "hello"},
    {"POST /push HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "POST", "/push", "", 1, true,
     "content-length=0;", ""},
    {"POST /push HTTP/1.1\r\nContent-Length: 005 \r\n\r\nhello", "POST", "/push", "", 1, true,
     "content-length=005;", "hello"},
    {"POST /push HTTP/1.1\r\n\r\n", "POST", "/push", "", 1, true, "", ""},
    {"GET /push HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "GET", "/push", "", 1, true,
     "content-length=3;", "abc"},
    {"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", "POST", "/", "", 0, false,
     "content-length=3;", "abc"},
    {"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n\0\r\n\r\n\xff"sv, "POST", "/", "", 1, true,
     "content-length=6;", "\0\r\n\r\n\xff"sv},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST", "/", "", 1, true,
     "transfer-encoding=chunked;", ""},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked \r\n\r\n"
     "3\r\nabc\r\n00A\r\n0123456789\r\n1\r\n\0\r\n0\r\n\r\n"sv,
     "POST", "/", "", 1, true, "transfer-encoding=Chunked;", "abc0123456789\0"sv},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n\r\n\r\n0;z\r\n\r\n", "POST",
     "/", "", 1, true, "transfer-encoding=chunked;", "\r\n"},
    {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n1\r\nx\r\n0\r\n"
     "A: c\r\nHost: evil\r\nContent-Length: 7\r\nConnection: close\r\n\r\n",
     "POST", "/", "", 1, true, "transfer-encoding=chunked;a=b;", "x"},
    {"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
     "1\r\nx\r\n0\r\n\r\n",
     "POST", "/", "", 0, false, "connection=keep-alive;transfer-encoding=chunked;", "x"},
};

}  // namespace http
