import assert from "node:assert/strict";
import { tempTree } from "../helpers/temp_tree.ts";
import { runCli, startCli } from "./cli_process.ts";
import { run, testWith } from "./program.ts";

const LOOPBACK = ["--bind", "127.0.0.1"];

/** Makes an RSA certificate and its key in every form with the real openssl. */
async function makeCertificates(folder: string): Promise<void> {
  const at = (name: string) => `${folder}/${name}`;
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  await run(
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    ...subject,
    "-keyout",
    at("pkcs8.pem"),
    "-out",
    at("cert.pem"),
  );
  const encrypt = ["-aes256", "-passout", "pass:the password"];
  await run("openssl", "rsa", "-in", at("pkcs8.pem"), "-traditional", "-out", at("pkcs1.pem"));
  await run("openssl", "rsa", "-in", at("pkcs8.pem"), "-traditional", ...encrypt, "-out", at("pkcs1_encrypted.pem"));
  await run(
    "openssl",
    "pkcs8",
    "-topk8",
    "-in",
    at("pkcs8.pem"),
    "-passout",
    "pass:the password",
    "-out",
    at("pkcs8_encrypted.pem"),
  );
  await Deno.writeTextFile(at("password.txt"), "the password\n");
  await Deno.writeTextFile(at("wrong.txt"), "not this one\n");
  await Deno.writeTextFile(
    at("both.pem"),
    await Deno.readTextFile(at("cert.pem")) + await Deno.readTextFile(at("pkcs1.pem")),
  );
}

testWith(
  "openssl",
  "the CLI takes keys of every kind: PKCS#8, PKCS#1, encrypted ones, and one in the file of the certificate",
  async () => {
    await using files = await tempTree({ "www/a.txt": "alpha" });
    await makeCertificates(files.path);
    const at = (name: string) => `${files.path}/${name}`;
    const choices: string[][] = [
      ["--tls-key", at("pkcs8.pem")],
      ["--tls-key", at("pkcs1.pem")],
      ["--tls-key", at("pkcs8_encrypted.pem"), "--tls-password-file", at("password.txt")],
      ["--tls-key", at("pkcs1_encrypted.pem"), "--tls-password-file", at("password.txt")],
    ];
    for (const choice of choices) {
      await using cli = await startCli([...LOOPBACK, "--tls-cert", at("cert.pem"), ...choice, "-d", at("www")]);
      assert.match(cli.firstLine, /^Serving HTTPS on 127\.0\.0\.1 port \d+ \(https:\/\/127\.0\.0\.1:\d+\/\) \.\.\.$/);
      const { text } = await run("curl", "-sS", "--cacert", at("cert.pem"), `https://localhost:${cli.port}/a.txt`);
      assert.equal(text, "alpha", choice.join(" "));
    }
    await using cli = await startCli([...LOOPBACK, "--tls-cert", at("both.pem"), "-d", at("www")]);
    assert.equal(
      (await run("curl", "-sS", "--cacert", at("cert.pem"), `https://localhost:${cli.port}/a.txt`)).text,
      "alpha",
    );
  },
);

testWith(
  "openssl",
  "the CLI ends with 1 and one line that names the file for a certificate that it cannot use",
  async () => {
    await using files = await tempTree({ "www/a.txt": "alpha", "empty.pem": "" });
    await makeCertificates(files.path);
    await run("openssl", "genrsa", "-out", `${files.path}/other.pem`, "2048");
    const at = (name: string) => `${files.path}/${name}`;
    const choices: [string[], RegExp][] = [
      [
        ["--tls-cert", at("cert.pem"), "--tls-key", at("other.pem")],
        /other\.pem": it does not belong to the certificate/,
      ],
      [["--tls-cert", at("empty.pem"), "--tls-key", at("pkcs8.pem")], /empty\.pem": there is no PEM certificate/],
      [["--tls-cert", at("cert.pem"), "--tls-key", at("pkcs8_encrypted.pem")], /it is encrypted, give its password/],
      [
        ["--tls-cert", at("cert.pem"), "--tls-key", at("pkcs1_encrypted.pem"), "--tls-password-file", at("wrong.txt")],
        /the password is wrong/,
      ],
      [
        ["--tls-cert", at("cert.pem"), "--tls-key", at("pkcs8.pem"), "--tls-password-file", at("none.txt")],
        /Cannot read the password file ".*none\.txt"/,
      ],
      [["--tls-cert", at("none.pem")], /none\.pem": there is no such file/],
    ];
    for (const [args, message] of choices) {
      const { code, stdout, stderr } = await runCli([...LOOPBACK, "0", ...args, "-d", at("www")]);
      assert.equal(code, 1, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /^httpkit: [^\n]*\n$/);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /the password\n|not this one/);
    }
  },
);

testWith(["openssl", "curl"], "--tls makes a certificate whose fingerprint openssl sees, too", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  const permissions = ["--allow-net", "--allow-read", "--allow-sys=hostname,networkInterfaces"];
  await using cli = await startCli(["--tls", ...LOOPBACK, "-d", files.path], permissions);
  const pem = `${files.path}/server.pem`;
  const session = new Deno.Command("openssl", {
    args: ["s_client", "-connect", `127.0.0.1:${cli.port}`, "-servername", "localhost", "-alpn", "h2,http/1.1"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
  const text = new TextDecoder().decode((await session.output()).stdout);
  assert.match(text, /ALPN protocol: h2/);
  await Deno.writeTextFile(pem, /-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----/.exec(text)![0] + "\n");
  const fingerprint = (await run("openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha256")).text.split(
    "=",
  )[1]!.trim();
  const names = (await run("openssl", "x509", "-in", pem, "-noout", "-ext", "subjectAltName")).text;
  assert.match(names, /DNS:localhost/);
  assert.match(names, /IP Address:127\.0\.0\.1/);
  assert.ok(names.includes(`DNS:${Deno.hostname()}`), names);
  for (const { address, family } of Deno.networkInterfaces()) {
    if (family === "IPv4") assert.ok(names.includes(`IP Address:${address}`), address);
  }
  assert.equal((await run("curl", "-sS", "--cacert", pem, `https://localhost:${cli.port}/a.txt`)).text, "alpha");
  const { stdout } = await cli.interrupt();
  assert.ok(stdout.includes(`SHA-256 fingerprint ${fingerprint}\n`), stdout);
});

testWith("curl", "curl speaks HTTP/2 over TLS, and HTTP/1.1 where it asks for that", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  await using cli = await startCli(["--tls", ...LOOPBACK, "-d", files.path]);
  const version = async (flag: string) =>
    (await run("curl", "-sSk", flag, "-w", " %{http_version}", `https://localhost:${cli.port}/a.txt`)).text;
  assert.equal(await version("--http2"), "alpha 2");
  assert.equal(await version("--http1.1"), "alpha 1.1");
});

testWith("h2load", "h2load gets a thousand responses over HTTP/2 on TLS without one failure", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  await using cli = await startCli(["--tls", "-q", ...LOOPBACK, "-d", files.path]);
  const { text } = await run("h2load", "-n1000", "-c10", "-m10", `https://127.0.0.1:${cli.port}/a.txt`);
  assert.match(text, /Application protocol: h2/);
  assert.match(text, /requests: 1000 total, 1000 started, 1000 done, 1000 succeeded, 0 failed/);
});
