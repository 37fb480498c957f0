/**
 * What became of Python's names, where it is not what the rule says: functions, methods, attributes and parameters have
 * the same name in camelCase, classes and constants the same name.
 *
 * @module
 */

/** Where a name went, as `name` or `Class.member`; what to use instead; or why it was left out. */
export type Fate =
  | { readonly here: string; readonly note?: string }
  | { readonly instead: string }
  | { readonly leftOut: string };

/** Classes that have another name here, or whose members are those of another class. */
export const CLASSES: Readonly<Record<string, string>> = {
  "http.cookiejar.CookieJar": "RequestsCookieJar",
  "requests.models.RequestEncodingMixin": "PreparedRequest",
  "requests.models.RequestHooksMixin": "Request",
  "requests.sessions.SessionRedirectMixin": "Session",
  "socketserver.BaseRequestHandler": "BaseHTTPRequestHandler",
  "socketserver.BaseServer": "HTTPServer",
  "socketserver.StreamRequestHandler": "BaseHTTPRequestHandler",
  "socketserver.TCPServer": "HTTPServer",
  "socketserver.ThreadingMixIn": "ThreadingHTTPServer",
};

const SOCKETS = "`Deno.serve` owns the sockets";
const POOLS = "handles urllib3's pools, which are not here";
const METADATA = "see `deno.json`";
const PYTHON_ONLY = "of Python alone";
const WARNINGS = "JavaScript has no warnings; what is wrong throws";

/** Single names. A key that ends with `.*` holds for all members of a class that are not here by the rule. */
export const NAMES: Readonly<Record<string, Fate>> = {
  // http.cookiejar
  "http.cookiejar.CookieJar": { here: "RequestsCookieJar", note: "has its members itself" },
  "http.cookiejar.CookieJar.__len__": { here: "RequestsCookieJar.size" },
  "http.cookiejar.CookieJar.add_cookie_header": { here: "getCookieHeader" },
  "http.cookiejar.CookieJar.clear": { here: "RequestsCookieJar.clear" },
  "http.cookiejar.CookieJar.clear_expired_cookies": { leftOut: "expired cookies are never seen" },
  "http.cookiejar.CookieJar.extract_cookies": { here: "extractCookies" },
  "http.cookiejar.CookieJar.make_cookies": { here: "extractCookies", note: "into a jar of its own" },
  "http.cookiejar.CookieJar.set_cookie_if_ok": {
    here: "RequestsCookieJar.setCookie",
    note: "takes the URL that it is for",
  },
  "http.cookiejar.CookieJar.set_policy": { leftOut: "the policy is RFC 6265bis" },
  "http.cookiejar.CookieJar.*": { leftOut: "a regular expression of the parser" },

  // http.server
  "http.server.CGIHTTPRequestHandler.have_fork": { leftOut: "there is no fork" },
  "http.server.CGIHTTPRequestHandler.rbufsize": { leftOut: SOCKETS },
  "http.server.HTTPServer.allow_reuse_address": { leftOut: `${SOCKETS}, and Deno reuses addresses` },
  "http.server.HTTPSServer.password": { instead: "an option of the constructor; it is not kept" },
  "http.server.ThreadingHTTPServer.daemon_threads": { instead: "`serverClose({ grace })`" },
  "http.server.executable": { leftOut: "see `isExecutable()`" },
  "http.server.nobody": { leftOut: "of Python's module alone" },
  "http.server.nobody_uid": { leftOut: "scripts run as `nobody` where the server is root" },
  "http.server.test": { instead: "`main()` of `@x/httpkit/cli`" },

  // requests
  "requests.__version__.__version__": { here: "VERSION" },
  "requests.__version__.__author__": { leftOut: METADATA },
  "requests.__version__.__author_email__": { leftOut: METADATA },
  "requests.__version__.__build__": { leftOut: METADATA },
  "requests.__version__.__cake__": { leftOut: METADATA },
  "requests.__version__.__copyright__": { leftOut: "see `LICENSE`" },
  "requests.__version__.__description__": { leftOut: METADATA },
  "requests.__version__.__license__": { leftOut: "see `LICENSE`" },
  "requests.__version__.__title__": { leftOut: METADATA },
  "requests.__version__.__url__": { leftOut: METADATA },

  "requests.adapters.DEFAULT_POOLBLOCK": { instead: "the default of `poolBlock`" },
  "requests.adapters.DEFAULT_POOLSIZE": { instead: "the default of `poolMaxsize`" },
  "requests.adapters.DEFAULT_POOL_TIMEOUT": { leftOut: "always null in Python" },
  "requests.adapters.DEFAULT_RETRIES": { instead: "the default of `maxRetries`" },
  "requests.adapters.HTTPAdapter.build_connection_pool_key_attributes": { leftOut: POOLS },
  "requests.adapters.HTTPAdapter.build_response": { leftOut: "`send()` builds it" },
  "requests.adapters.HTTPAdapter.cert_verify": { leftOut: POOLS },
  "requests.adapters.HTTPAdapter.config": { leftOut: "always empty in Python" },
  "requests.adapters.HTTPAdapter.get_connection": { leftOut: POOLS },
  "requests.adapters.HTTPAdapter.get_connection_with_tls_context": { leftOut: POOLS },
  "requests.adapters.HTTPAdapter.init_poolmanager": { leftOut: POOLS },
  "requests.adapters.HTTPAdapter.poolmanager": { leftOut: POOLS },
  "requests.adapters.HTTPAdapter.proxy_headers": { here: "getProxyAuth" },
  "requests.adapters.HTTPAdapter.proxy_manager": { leftOut: POOLS },
  "requests.adapters.HTTPAdapter.proxy_manager_for": { leftOut: POOLS },
  "requests.adapters.HTTPAdapter.request_url": { leftOut: "the engine chooses the form of the target" },

  "requests.auth.AuthBase.__call__": { here: "AuthBase.apply" },
  "requests.auth.HTTPBasicAuth.__call__": { here: "HTTPBasicAuth.apply" },
  "requests.auth.HTTPProxyAuth.__call__": { here: "HTTPProxyAuth.apply" },
  "requests.auth.HTTPDigestAuth.__call__": { here: "HTTPDigestAuth.apply" },
  "requests.auth.HTTPDigestAuth.build_digest_header": { leftOut: "`apply()` and a hook build it" },
  "requests.auth.HTTPDigestAuth.handle_401": { leftOut: "a hook that `apply()` registers" },
  "requests.auth.HTTPDigestAuth.handle_redirect": { leftOut: "a hook that `apply()` registers" },
  "requests.auth.HTTPDigestAuth.init_per_thread_state": { leftOut: "JavaScript shares no object between threads" },
  "requests.auth.HTTPDigestAuth.chal": { leftOut: "state of its own" },
  "requests.auth.HTTPDigestAuth.last_nonce": { leftOut: "state of its own" },
  "requests.auth.HTTPDigestAuth.nonce_count": { leftOut: "state of its own" },
  "requests.auth.HTTPDigestAuth.num_401_calls": { leftOut: "state of its own" },
  "requests.auth.HTTPDigestAuth.pos": { leftOut: "state of its own" },
  "requests.auth.CONTENT_TYPE_FORM_URLENCODED": { leftOut: "a text" },
  "requests.auth.CONTENT_TYPE_MULTI_PART": { leftOut: "a text" },

  "requests.certs.where": { leftOut: "Deno has its own certificates, or those of the system (`DENO_TLS_CA_STORE`)" },

  "requests.cookies.MockRequest": { here: "CookieRequest" },
  "requests.cookies.MockRequest.*": { leftOut: "makes a request fit Python's `http.cookiejar`" },
  "requests.cookies.MockResponse": { leftOut: "makes a response fit Python's `http.cookiejar`" },
  "requests.cookies.MockResponse.*": { leftOut: "makes a response fit Python's `http.cookiejar`" },
  "requests.cookies.RequestsCookieJar.__getitem__": { here: "RequestsCookieJar.get" },
  "requests.cookies.RequestsCookieJar.__setitem__": { here: "RequestsCookieJar.set" },
  "requests.cookies.RequestsCookieJar.get_policy": { leftOut: "the policy is RFC 6265bis" },
  "requests.cookies.RequestsCookieJar.items": { here: "RequestsCookieJar.entries" },
  "requests.cookies.RequestsCookieJar.iteritems": { here: "RequestsCookieJar.entries" },
  "requests.cookies.RequestsCookieJar.iterkeys": { here: "RequestsCookieJar.keys" },
  "requests.cookies.RequestsCookieJar.itervalues": { here: "RequestsCookieJar.values" },
  "requests.cookies.morsel_to_cookie": { leftOut: "makes a `Morsel` of Python's into a cookie" },

  "requests.exceptions.FileModeWarning": { leftOut: WARNINGS },
  "requests.exceptions.RequestsDependencyWarning": { leftOut: WARNINGS },
  "requests.exceptions.RequestsWarning": { leftOut: WARNINGS },

  "requests.help.info": { leftOut: "versions of Python's modules" },
  "requests.help.main": { leftOut: "versions of Python's modules" },

  "requests.models.CONTENT_CHUNK_SIZE": { leftOut: "`read()` takes pieces as they arrive" },
  "requests.models.RequestEncodingMixin": { here: "PreparedRequest", note: "has its members itself" },
  "requests.models.RequestHooksMixin": {
    here: "Request",
    note: "has its members itself, and so has `PreparedRequest`",
  },
  "requests.models.Response.__bool__": { here: "Response.ok" },
  "requests.packages.target": { leftOut: PYTHON_ONLY },
  "requests.sessions.SessionRedirectMixin": { here: "Session", note: "has its members itself" },
  "requests.sessions.preferred_clock": { leftOut: PYTHON_ONLY },
  "requests.structures.LookupDict": { here: "StatusCodes", note: "the type of `codes`" },
  "requests.structures.LookupDict.*": { leftOut: "a name that is not there is `undefined`" },

  "requests.utils.DEFAULT_ACCEPT_ENCODING": { here: "defaultHeaders", note: "its `Accept-Encoding`" },
  "requests.utils.DEFAULT_CA_BUNDLE_PATH": { leftOut: "Deno has its own certificates" },
  "requests.utils.DEFAULT_PORTS": { leftOut: "`URL` knows them" },
  "requests.utils.NETRC_FILES": { leftOut: "see `getNetrcAuth()`" },
  "requests.utils.UNRESERVED_SET": { leftOut: "see `unquoteUnreserved()`" },
  "requests.utils.atomic_open": { leftOut: PYTHON_ONLY },
  "requests.utils.dict_to_sequence": { leftOut: PYTHON_ONLY },
  "requests.utils.extract_zipped_paths": { leftOut: "modules are not in ZIP files" },
  "requests.utils.from_key_val_list": { leftOut: "`Object.fromEntries()`" },
  "requests.utils.get_encodings_from_content": { leftOut: "deprecated in Python" },
  "requests.utils.get_unicode_from_response": { leftOut: "deprecated in Python" },
  "requests.utils.proxy_bypass": { here: "shouldBypassProxies" },
  "requests.utils.proxy_bypass_registry": { leftOut: "the Windows registry is not read" },
  "requests.utils.rewind_body": { leftOut: "a body opens itself again" },
  "requests.utils.set_environ": { leftOut: "`Deno.env`" },
  "requests.utils.stream_decode_response_unicode": { leftOut: "`iterContent(n, { decodeUnicode: true })`" },
  "requests.utils.to_key_val_list": { leftOut: "`Object.entries()`" },

  // socketserver
  "socketserver.BaseRequestHandler": { here: "BaseHTTPRequestHandler", note: "has its members itself" },
  "socketserver.BaseServer": { here: "HTTPServer", note: "has its members itself" },
  "socketserver.BaseServer.close_request": { leftOut: SOCKETS },
  "socketserver.BaseServer.shutdown_request": { leftOut: SOCKETS },
  "socketserver.StreamRequestHandler": { here: "BaseHTTPRequestHandler", note: "has its members itself" },
  "socketserver.StreamRequestHandler.connection": { leftOut: SOCKETS },
  "socketserver.StreamRequestHandler.disable_nagle_algorithm": { leftOut: `${SOCKETS}; Nagle's algorithm is off` },
  "socketserver.StreamRequestHandler.rbufsize": { leftOut: SOCKETS },
  "socketserver.StreamRequestHandler.wbufsize": { leftOut: SOCKETS },
  "socketserver.TCPServer": { here: "HTTPServer", note: "has its members itself" },
  "socketserver.TCPServer.address_family": { leftOut: "the address tells it" },
  "socketserver.TCPServer.allow_reuse_address": { leftOut: `${SOCKETS}, and Deno reuses addresses` },
  "socketserver.TCPServer.close_request": { leftOut: SOCKETS },
  "socketserver.TCPServer.fileno": { leftOut: SOCKETS },
  "socketserver.TCPServer.get_request": { leftOut: SOCKETS },
  "socketserver.TCPServer.shutdown_request": { leftOut: SOCKETS },
  "socketserver.TCPServer.socket": { leftOut: SOCKETS },
  "socketserver.TCPServer.socket_type": { leftOut: SOCKETS },
  "socketserver.ThreadingMixIn": { here: "ThreadingHTTPServer" },
  "socketserver.ThreadingMixIn.block_on_close": { instead: "`serverClose({ grace })`" },
  "socketserver.ThreadingMixIn.daemon_threads": { instead: "`serverClose({ grace })`" },
  "socketserver.ThreadingMixIn.process_request_thread": { leftOut: "requests run concurrently, not in a thread each" },

  // urllib3
  "urllib3.util.retry.Retry.DEFAULT": { instead: "`new Retry()`" },
  "urllib3.util.retry.Retry.sleep": { here: "Retry.getSleepTime", note: "tells how long; the adapter sleeps" },
  "urllib3.util.retry.Retry.sleep_for_retry": {
    here: "Retry.getSleepTime",
    note: "tells how long; the adapter sleeps",
  },
};

/** Parameters that are no parameter or option of the same name here, by the callable: what to do instead. */
export const PARAMETERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "http.cookiejar.CookieJar.clear": { name: "`jar.delete(name, { domain, path })`" },
  "requests.cookies.RequestsCookieJar.get": { default: "`jar.get(name) ?? value`" },
  "requests.models.PreparedRequest.prepare_auth": { url: "set `url` before" },
  "requests.sessions.merge_hooks": { dict_class: "left out, one kind of mapping serves all" },
  "requests.sessions.merge_setting": { dict_class: "left out, one kind of mapping serves all" },
  "urllib3.util.retry.Retry.increment": { response: "`status` and `redirectLocation` of the attempt" },
};
