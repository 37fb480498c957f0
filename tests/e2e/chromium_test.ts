import assert from "node:assert/strict";
import { type Browser, chromium, type Page } from "npm:playwright-core@1.56.1";
import { tempTree } from "../helpers/temp_tree.ts";
import { startCli } from "./cli_process.ts";
import { programPath } from "../../tools/installed.ts";

const CHROMIUM = programPath("chromium");
const ignore = CHROMIUM === null;

// deno-fmt-ignore
const PIXEL = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), (c) => c.charCodeAt(0));

/** Two hours of silence, 8 kHz: large enough that a browser seeks instead of loading all. */
function wav(seconds: number): Uint8Array<ArrayBuffer> {
  const length = seconds * 8000;
  const bytes = new Uint8Array(44 + length).fill(128);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  text(0, "RIFF");
  view.setUint32(4, 36 + length, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  text(36, "data");
  view.setUint32(40, length, true);
  return bytes;
}

async function withPage(use: (page: Page, url: string, complaints: string[]) => Promise<void>): Promise<void> {
  await using files = await tempTree({
    "sub/inner.txt": "inner file",
    "sub/<img src=x onerror=alert(1)>.txt": "markup",
    "page.html":
      '<!doctype html><title>Page</title><p id="out">before</p><img id="pic" src="pic.png"><script src="app.js"></script>',
    "app.js": 'document.getElementById("out").textContent = "script ran";',
    "pic.png": PIXEL,
    "media.html": '<!doctype html><title>Media</title><video id="media" src="sound.wav" preload="metadata"></video>',
    "sound.wav": wav(7200),
  });
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path, "--quiet"]);
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM!,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
    ],
  });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      // Chromium asks for an icon by itself; that there is none is no fault of the page.
      if (message.type() === "error" && !message.location().url.endsWith("/favicon.ico")) {
        complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    await use(page, cli.url, complaints);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
}

function browserTest(name: string, use: Parameters<typeof withPage>[0]): void {
  Deno.test({
    name: ignore ? `${name}, ignored: needs chromium` : name,
    ignore,
    // Playwright keeps pipes and timers of its own after close(), which the sanitizers would take for ours.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withPage(use),
  });
}

browserTest("a browser opens a listing, goes down and back", async (page, url) => {
  await page.goto(`${url}/`);
  assert.equal(await page.title(), "Directory listing for /");
  await page.click('a[href="sub/"]');
  assert.equal(page.url(), `${url}/sub/`);
  assert.equal(await page.textContent("h1"), "Directory listing for /sub/");
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.locator("a", { hasText: "<img src=x onerror=alert(1)>.txt" }).count(), 1);
  await page.click("text=inner.txt");
  assert.match((await page.textContent("body"))!, /inner file/);
  await page.goBack();
  await page.goBack();
  assert.equal(page.url(), `${url}/`);
  await page.goto(`${url}/sub`);
  await page.click('a[href="../"]');
  assert.equal(page.url(), `${url}/`);
});

browserTest("a browser runs the script and shows the image of a page", async (page, url) => {
  await page.goto(`${url}/page.html`);
  assert.equal(await page.textContent("#out"), "script ran");
  assert.equal(await page.evaluate("document.getElementById('pic').naturalWidth"), 1);
});

browserTest("a browser seeks in a video by ranges", async (page, url) => {
  const heads: Promise<Record<string, string>>[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith("/sound.wav") && response.status() === 206) heads.push(response.allHeaders());
  });
  await page.goto(`${url}/media.html`);
  const time = await page.evaluate(`new Promise((resolve, reject) => {
    const media = document.getElementById("media");
    media.onerror = () => reject(media.error.message);
    media.onseeked = () => resolve(media.currentTime);
    const seek = () => { media.currentTime = 7000; };
    media.readyState >= 1 ? seek() : media.onloadedmetadata = seek;
  })`);
  assert.equal(time, 7000);
  const ranges = (await Promise.all(heads)).map((head) => head["content-range"]);
  // A media element asks for "bytes=0-" at first; only a range from further on shows that it went there.
  assert.ok(ranges.some((range) => /^bytes [1-9]/.test(range ?? "")), `no range was asked for but ${ranges.join()}`);
  assert.ok(ranges.every((range) => /^bytes \d+-\d+\/57600044$/.test(range ?? "")), ranges.join());
});
