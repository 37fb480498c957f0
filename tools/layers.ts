/**
 * The order in which the files of this project may import one another. Enter a new file here.
 *
 * A group is a list of rows from top to bottom. A file may import the files of lower rows, of no other. Two files of one
 * row do not know each other, unless the row is written as `{ peers: [...] }`. What a group may use of other groups is
 * in `uses`.
 *
 * Files may name each other's types across rows where they stand together in `mutualTypes`: an `import type` between them
 * is gone when the program runs, so the order in which modules load stays that of the rows.
 *
 * Patterns are paths from the root of the project; `*` stands for any part of one name, `**` for any folders.
 *
 * @module
 */

/** Files of one height. */
export type Row = readonly string[] | { readonly peers: readonly string[] };

/** Files that belong together, from top to bottom. */
export interface Group {
  /** Name in messages and in {@linkcode Group.uses}. */
  readonly name: string;
  /** The groups that its files may import, all of their rows. */
  readonly uses: readonly string[];
  /** Its files, from top to bottom. */
  readonly rows: readonly Row[];
  /** Files of the group that may `import type` from each other, in whatever row they are. Values still go downward. */
  readonly mutualTypes?: readonly string[];
}

/** The layers of the project. */
export const LAYERS: readonly Group[] = [
  {
    name: "entry",
    uses: ["client", "server", "http1", "base"],
    rows: [
      ["cli.ts"],
      ["cli/serve.ts"],
      ["cli/handler.ts", "cli/tls.ts"],
      ["cli/options.ts", "cli/serve_error.ts", "mod.ts"],
    ],
  },
  {
    name: "client",
    uses: ["http1", "base"],
    // A request has hooks that get a response; a response has its request, and errors have both.
    mutualTypes: [
      "client/_drain.ts",
      "client/auth.ts",
      "client/digest_auth.ts",
      "client/errors.ts",
      "client/hooks.ts",
      "client/request.ts",
      "client/response.ts",
    ],
    rows: [
      ["client/mod.ts"],
      ["client/api.ts"],
      ["client/session.ts"],
      ["client/http_adapter.ts", "client/session_options.ts"],
      ["client/fetch_adapter.ts", "client/handler_adapter.ts", "client/wire/wire_adapter.ts"],
      [
        "client/_engine_choice.ts",
        "client/_fetch_support.ts",
        "client/_watched_source.ts",
        "client/fetch_clients.ts",
        "client/wire/pool.ts",
        "client/wire/request_writer.ts",
        "client/wire/wire_body.ts",
      ],
      [
        "client/wire/connection.ts",
        "client/wire/dial.ts",
        "client/wire/request_head.ts",
        "client/wire/wire_errors.ts",
      ],
      [
        "client/wire/proxy_tunnel.ts",
        "client/wire/socks.ts",
        "client/wire/tls.ts",
      ],
      [
        "client/_fetch_errors.ts",
        "client/_outgoing.ts",
        "client/_upload.ts",
        "client/adapter.ts",
        "client/redirects.ts",
        "client/tls_files.ts",
      ],
      ["client/digest_auth.ts"],
      ["client/_drain.ts"],
      ["client/response.ts"],
      ["client/request.ts"],
      ["client/_curl.ts", "client/auth.ts", "client/file_source.ts", "client/hooks.ts"],
      [
        "client/_base_url.ts",
        "client/_body.ts",
        "client/_merge.ts",
        "client/cookies.ts",
        "client/netrc.ts",
        "client/proxies.ts",
        "client/retry.ts",
      ],
      [
        "client/_cookie_policy.ts",
        "client/_cookies_txt.ts",
        "client/_multipart.ts",
        "client/_pieces.ts",
        "client/_retry_after.ts",
      ],
      [
        "client/_content.ts",
        "client/_cookie.ts",
        "client/_decode.ts",
        "client/_header_fields.ts",
        "client/_json_error.ts",
        "client/_stall_timer.ts",
        "client/_text.ts",
        "client/_url.ts",
      ],
      [
        "client/_environment.ts",
        "client/_failure_kind.ts",
        "client/_form.ts",
        "client/_mounts.ts",
        "client/_pulled_body.ts",
        "client/_slots.ts",
        "client/_steps.ts",
        "client/body_source.ts",
        "client/case_insensitive_dict.ts",
        "client/status_codes.ts",
        "client/wire/deno_transport.ts",
        "client/wire/node_transport.ts",
      ],
      ["client/wire/transport.ts"],
      [
        "client/_ballast.ts",
        "client/_bytes.ts",
        "client/_delay.ts",
        "client/_granted.ts",
        "client/connection_info.ts",
        "client/errors.ts",
        "client/types.ts",
      ],
    ],
  },
  {
    name: "server",
    uses: ["http1", "base"],
    rows: [
      ["server/mod.ts"],
      ["server/_worker.ts", "server/fetch_handler.ts", "server/https_server.ts"],
      ["server/http_server.ts", "server/self_signed.ts", "server/_certificate.ts"],
      ["server/_known_answers.ts", "server/_threads.ts"],
      ["server/_handler_module.ts"],
      ["server/cgi_handler.ts"],
      ["server/_cgi_watch.ts"],
      ["server/_cgi_output.ts", "server/_cgi_process.ts", "server/simple_handler.ts"],
      ["server/base_handler.ts"],
      [
        "server/response_writer.ts",
        "server/_file_body.ts",
        "server/_kept_files.ts",
        "server/_listing.ts",
        "server/_looks.ts",
      ],
      ["server/_lookup.ts"],
      ["server/_exchange.ts"],
      ["server/request_reader.ts"],
      [
        "server/_cgi_environment.ts",
        "server/_conditional.ts",
        "server/_encoding.ts",
        "server/_log.ts",
        "server/_path.ts",
        "server/_range.ts",
      ],
      [
        "server/_html.ts",
        "server/_http_date.ts",
        "server/_log_line.ts",
        "server/_page_policy.ts",
        "server/_percent_format.ts",
        "server/_platform.ts",
        "server/_prepared.ts",
        "server/_target.ts",
        "server/_time_limit.ts",
        "server/_version_cache.ts",
        "server/http_message.ts",
        "server/responses.ts",
      ],
      ["server/_bounded_cache.ts"],
    ],
  },
  {
    name: "http1",
    uses: ["base"],
    rows: [
      ["http1/mod.ts"],
      ["http1/reader.ts"],
      ["http1/body_reader.ts"],
      ["http1/chunked.ts", "http1/framing.ts"],
      ["http1/head.ts", "http1/writer.ts"],
      ["http1/fields.ts"],
      [
        "http1/latin1.ts",
        "http1/limits.ts",
        "http1/line_scanner.ts",
        "http1/protocol_error.ts",
        "http1/receive_buffer.ts",
      ],
    ],
  },
  { name: "base", uses: [], rows: [["bytes.ts", "remember.ts", "version.ts"]] },
  { name: "tools", uses: [], rows: [{ peers: ["tools/*.ts"] }] },
  {
    name: "bench",
    uses: ["entry", "client", "server", "http1", "base", "tools"],
    rows: [{ peers: ["bench/**"] }],
  },
  {
    name: "examples",
    uses: ["entry", "client", "server"],
    rows: [["examples/*.ts"]],
  },
  {
    name: "tests",
    uses: ["entry", "client", "server", "http1", "base", "tools", "bench"],
    rows: [{ peers: ["tests/**"] }],
  },
];

/**
 * Files that decide and do not act: values in, values out. They must not touch the outside through `Deno`; its types and
 * error classes are welcome. A pattern with `!` in front takes files off.
 */
export const POLICY_FILES: readonly string[] = [
  "bytes.ts",
  "remember.ts",
  "http1/*.ts",
  "client/_*.ts",
  "!client/_environment.ts",
  "!client/_granted.ts",
  "client/auth.ts",
  "client/case_insensitive_dict.ts",
  "client/cookies.ts",
  "client/digest_auth.ts",
  "client/errors.ts",
  "client/hooks.ts",
  "client/redirects.ts",
  "client/retry.ts",
  "client/status_codes.ts",
  "client/types.ts",
  "cli/options.ts",
  "server/_bounded_cache.ts",
  "server/_cgi_environment.ts",
  "server/_cgi_output.ts",
  "server/_conditional.ts",
  "server/_encoding.ts",
  "server/_html.ts",
  "server/_http_date.ts",
  "server/_listing.ts",
  "server/_log_line.ts",
  "server/_page_policy.ts",
  "server/_path.ts",
  "server/_percent_format.ts",
  "server/_prepared.ts",
  "server/_range.ts",
  "server/_target.ts",
  "server/_version_cache.ts",
  "server/http_message.ts",
  "server/responses.ts",
];
