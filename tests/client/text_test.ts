import assert from "node:assert/strict";
import {
  decodeText,
  detectEncoding,
  getEncodingFromHeaders,
  guessJsonUtf,
  LineSplitter,
  loadDetector,
  normalizeEncoding,
  splitLines,
  TextChunks,
} from "../../client/_text.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new TextEncoder().encode(text);

for (
  const [name, label] of [
    ["ISO-8859-1", "iso-8859-1"],
    ["latin-1", "iso-8859-1"],
    ["latin_1", "iso-8859-1"],
    ["L1", "iso-8859-1"],
    ["iso_8859-1:1987", "iso-8859-1"],
    ["cp819", "iso-8859-1"],
    ["cp1252", "windows-1252"],
    ["windows_1252", "windows-1252"],
    ["cp1251", "windows-1251"],
    ["latin5", "iso-8859-9"],
    ["cp1254", "windows-1254"],
    ["iso-8859-11", "iso-8859-11"],
    ["tis-620", "windows-874"],
    ["ASCII", "us-ascii"],
    ["U8", "utf-8"],
    ["UTF_8", "utf-8"],
    ["utf8", "utf-8"],
    ["utf-8-sig", "utf-8-sig"],
    ["UTF-16", "utf-16"],
    ["utf_16_le", "utf-16le"],
    ["utf-32-be", "utf-32be"],
    [" shift_jis ", "shift_jis"],
    ["cp932", "shift_jis"],
    ["euc_jp", "euc-jp"],
    ["gb2312", "gbk"],
    ["big5hkscs", "big5"],
    ["cp949", "euc-kr"],
    ["koi8_r", "koi8-r"],
    ["mac_roman", "macintosh"],
    ["martian", null],
    ["cp437", null],
    ["utf-7", null],
    ["", null],
    ["constructor", null],
  ] as const
) Deno.test(`normalizeEncoding() maps "${name}" to ${label}`, () => assert.equal(normalizeEncoding(name), label));

for (
  const [encoding, input, text] of [
    ["latin-1", [0x63, 0xe9, 0x93], "cé\u0093"],
    ["cp1252", [0x63, 0xe9, 0x93], "cé“"],
    ["iso-8859-9", [0xfd, 0x93], "ı\u0093"],
    ["ascii", [0x61, 0xe9], "a\ufffd"],
    ["shift_jis", [0x93, 0xfa, 0x96, 0x7b], "日本"],
    ["utf-8", [0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
    ["utf-8", [0x61, 0xff, 0x62, 0xc3], "a\ufffdb\ufffd"],
    ["utf-8-sig", [0xef, 0xbb, 0xbf, 0x61], "a"],
    ["utf-16", [0xff, 0xfe, 0x61, 0], "a"],
    ["utf-16", [0xfe, 0xff, 0, 0x61], "a"],
    ["utf-16", [0x61, 0], "a"],
    ["utf-16-be", [0xfe, 0xff, 0, 0x61], "\ufeffa"],
    ["utf-32", [0xff, 0xfe, 0, 0, 0x61, 0, 0, 0], "a"],
    ["utf-32", [0, 0, 0xfe, 0xff, 0, 1, 0xf6, 0], "😀"],
    ["utf-32-le", [0x61, 0, 0, 0, 0, 0xd8, 0, 0, 0, 0, 0x11, 0, 1], "a\ufffd\ufffd\ufffd"],
    ["martian", [0xc3, 0xa9, 0xff], "é\ufffd"],
    ["utf-16", [], ""],
  ] as const
) {
  Deno.test(`decodeText() reads ${encoding} ${bytes(...input).toHex()}`, () => {
    assert.equal(decodeText(bytes(...input), encoding), text);
  });
  Deno.test(`TextChunks reads ${encoding} ${bytes(...input).toHex()} byte by byte`, () => {
    const chunks = new TextChunks(encoding);
    assert.equal(input.map((byte) => chunks.decode(bytes(byte))).join("") + chunks.finish(), text);
  });
}

Deno.test('decodeText() throws for bytes that are not valid, and for unknown encodings, if it is "strict"', () => {
  for (
    const [encoding, input] of [
      ["utf-8", bytes(0xff)],
      ["ascii", bytes(0x80)],
      ["utf-16le", bytes(0x61)],
      ["utf-32", bytes(0x61, 0, 0)],
    ] as const
  ) assert.throws(() => decodeText(input, encoding, "strict"), TypeError, encoding);
  assert.throws(() => decodeText(bytes(0x61), "martian", "strict"), { name: "RangeError", message: /"martian"/ });
});

Deno.test("TextChunks holds a cut character back", () => {
  const chunks = new TextChunks("utf-8");
  assert.deepEqual([0x61, 0xc3, 0xa9].map((byte) => chunks.decode(bytes(byte))), ["a", "", "é"]);
  assert.equal(chunks.finish(), "");
});

for (
  const [field, encoding] of [
    [null, null],
    ["text/plain", "ISO-8859-1"],
    ["TEXT/html ; a=b", "ISO-8859-1"],
    ["text/html; charset=utf-8", "utf-8"],
    ['text/html;CHARSET="UTF-8"; x=y', "UTF-8"],
    ["text/html; charset='koi8-r'", "koi8-r"],
    ["text/html; charset=a; charset=b", "b"],
    ["text/html; charset=", "ISO-8859-1"],
    ["text/html; charset", "ISO-8859-1"],
    ["application/json", "utf-8"],
    ["application/json; charset=utf-16", "utf-16"],
    ["application/octet-stream", null],
  ] as const
) {
  Deno.test(`getEncodingFromHeaders() reads ${field}`, () => {
    const headers = new Headers(field === null ? {} : { "content-type": field });
    assert.equal(getEncodingFromHeaders(headers), encoding);
  });
}

for (
  const [hex, name] of [
    ["7b22", "utf-8"],
    ["", "utf-8"],
    ["efbbbf7b7d", "utf-8-sig"],
    ["fffe7b00", "utf-16"],
    ["feff007b", "utf-16"],
    ["fffe00007b000000", "utf-32"],
    ["0000feff0000007b", "utf-32"],
    ["7b002200", "utf-16-le"],
    ["22000326", "utf-16-le"],
    ["007b0022", "utf-16-be"],
    ["7b000000", "utf-32-le"],
    ["0000007b", "utf-32-be"],
    ["00000000", null],
  ] as const
) Deno.test(`guessJsonUtf() tells ${hex}`, () => assert.equal(guessJsonUtf(Uint8Array.fromHex(hex)), name));

Deno.test("detectEncoding() needs no detector for ASCII and Unicode", () => {
  assert.equal(detectEncoding(utf8("")), "ascii");
  assert.equal(detectEncoding(utf8("plain")), "ascii");
  assert.equal(detectEncoding(utf8("größere Straße – 日本語")), "utf-8");
  assert.equal(detectEncoding(bytes(0xef, 0xbb, 0xbf, 0x61)), "utf-8-sig");
  assert.equal(detectEncoding(bytes(0xff, 0xfe, 0x61, 0)), "utf-16");
});

Deno.test("detectEncoding() tells legacy encodings apart", async () => {
  await loadDetector();
  const russian = "Широка электрификация южных губерний даст мощный толчок подъёму сельского хозяйства";
  const cp1251 = Uint8Array.from(russian, (char) => {
    if (char === "ё") return 0xb8;
    return char >= "А" ? char.charCodeAt(0) - 0x410 + 0xc0 : char.charCodeAt(0);
  });
  const encoding = detectEncoding(cp1251);
  assert.equal(normalizeEncoding(encoding!), "windows-1251");
  assert.equal(decodeText(cp1251, encoding!), russian);
  const japanese = bytes(0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x82, 0xcc, 0x95, 0xb6, 0x8f, 0xcd);
  assert.equal(normalizeEncoding(detectEncoding(japanese)!), "shift_jis");
});

const LINE_CASES: readonly (readonly [text: string, delimiter: string | null, lines: readonly string[]])[] = [
  ["", null, []],
  ["a", null, ["a"]],
  ["a\nb\n\nd", null, ["a", "b", "", "d"]],
  ["a\r\nb\r\n\r\nc\rd\r\n", null, ["a", "b", "", "c", "d"]],
  ["\r\r\n\n", null, ["", "", ""]],
  ["a\u2028b\u0085c\fd", null, ["a\u2028b\u0085c\fd"]],
  ["one||two\nstill||||four", "||", ["one", "two\nstill", "", "four"]],
  ["a||b||", "||", ["a", "b"]],
  ["a|b||", "||", ["a|b"]],
  ["aXYXXYb", "XXY", ["aXY", "b"]],
  ["a\rb\r", "\r", ["a", "b"]],
];
for (const [text, delimiter, lines] of LINE_CASES) {
  const title = `${JSON.stringify(text)} by ${delimiter ?? "line ends"}`;
  Deno.test(`LineSplitter cuts text ${title}, wherever the pieces are cut`, () => {
    for (let size = 1; size <= text.length + 1; size++) {
      const splitter = new LineSplitter<string>(delimiter);
      const found: string[] = [];
      for (let i = 0; i < text.length; i += size) found.push(...splitter.push(text.slice(i, i + size)));
      assert.deepEqual([...found, ...splitter.finish()], lines, `pieces of ${size}`);
    }
  });
  Deno.test(`splitLines() cuts bytes ${title}, wherever the pieces are cut`, async () => {
    const whole = utf8(text);
    for (let size = 1; size <= whole.length + 1; size++) {
      const pieces = Array.from(
        { length: Math.ceil(whole.length / size) },
        (_, i) => whole.subarray(i * size, (i + 1) * size),
      );
      const found = await Array.fromAsync(splitLines(pieces, delimiter === null ? null : utf8(delimiter)));
      assert.deepEqual(found.map((line) => new TextDecoder().decode(line)), lines, `pieces of ${size}`);
    }
  });
}

Deno.test("LineSplitter gives a line that ends with CR without waiting for the next piece", () => {
  const splitter = new LineSplitter<string>();
  assert.deepEqual(splitter.push("a\r"), ["a"]);
  assert.deepEqual(splitter.push("\nb"), []);
  assert.deepEqual(splitter.finish(), ["b"]);
});

Deno.test("LineSplitter refuses an empty delimiter", () => {
  assert.throws(() => new LineSplitter(""), RangeError);
  assert.throws(() => new LineSplitter(new Uint8Array(0)), RangeError);
});
