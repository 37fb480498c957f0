import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { selfSignedCertificate } from "../../server/mod.ts";

Deno.test("selfSignedCertificate() is for localhost, loopback and the hosts that are given", async () => {
  const { cert, fingerprint } = await selfSignedCertificate({ hosts: ["files.example", "192.0.2.7", "2001:db8::7"] });
  const certificate = new X509Certificate(cert);
  for (const host of ["localhost", "files.example"]) assert.equal(certificate.checkHost(host), host);
  for (const address of ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::7"]) {
    assert.ok(certificate.checkIP(address), address);
  }
  assert.equal(certificate.checkHost("other.example"), undefined);
  assert.equal(certificate.fingerprint256, fingerprint);
  assert.equal(certificate.ca, false);
});

Deno.test("selfSignedCertificate() is valid now and for the days that are given", async () => {
  const certificate = new X509Certificate((await selfSignedCertificate({ days: 2 })).cert);
  assert.ok(Date.parse(certificate.validFrom) < Date.now());
  const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
  assert.ok(days > 1.9 && days <= 2, String(days));
});

Deno.test("selfSignedCertificate() makes another key and serial number each time", async () => {
  const [one, two] = [await selfSignedCertificate(), await selfSignedCertificate()];
  assert.notEqual(one.key, two.key);
  assert.notEqual(new X509Certificate(one.cert).serialNumber, new X509Certificate(two.cert).serialNumber);
});

Deno.test("selfSignedCertificate() refuses more days than clients accept", async () => {
  for (const days of [0, 399, NaN]) await assert.rejects(selfSignedCertificate({ days }), { name: "RangeError" });
});
