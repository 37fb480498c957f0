import assert from "node:assert/strict";
import { isInstalled } from "../../tools/installed.ts";
import { tempTree } from "../helpers/temp_tree.ts";
import { startCli } from "./cli_process.ts";
import { run } from "./program.ts";

const GIB = 2 ** 30;
const MAX_PEAK = 250 * 1024; // In KiB, as Linux counts.

const missing = Deno.build.os !== "linux" ? "Linux" : isInstalled("curl") ? null : "curl";
const name = "twenty downloads from a sparse 4 GiB file at once leave memory flat";

Deno.test({
  name: missing === null ? name : `${name}, ignored: needs ${missing}`,
  ignore: missing !== null,
  async fn() {
    await using files = await tempTree({ "sparse.bin": "" });
    await Deno.truncate(`${files.path}/sparse.bin`, 4 * GIB);
    await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path, "--quiet"]);
    // One GiB each: all of it twenty times takes a small machine minutes. The first GiB is read chunk by chunk, the last one,
    // like a whole file, is the stream of the file itself.
    const download = (range: string) =>
      run(
        "curl",
        "-sS",
        "-r",
        range,
        "-o",
        "/dev/null",
        "-w",
        "%{http_code} %{size_download}",
        `${cli.url}/sparse.bin`,
      );
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => download(i % 2 === 0 ? `0-${GIB - 1}` : `${3 * GIB}-`)),
    );
    for (const { text } of results) assert.equal(text, `206 ${GIB}`);
    const status = await Deno.readTextFile(`/proc/${cli.pid}/status`);
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]);
    assert.ok(peak < MAX_PEAK, `the server took ${peak} KiB`);
  },
});
