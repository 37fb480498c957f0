// Takes what is uploaded as fast as it comes, and keeps nothing of it: sink.ts PORT. Bodies have a length.
const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.args[0]) });
const buffer = new Uint8Array(1 << 20);
const reply = new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

async function serve(connection: Deno.Conn): Promise<void> {
  using _ = connection;
  for (;;) {
    let head = "";
    let left = -1;
    while (left < 0) {
      const count = await connection.read(buffer);
      if (count === null) return;
      head += String.fromCharCode(...buffer.subarray(0, Math.min(count, 4096)));
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      left = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0) - (count - (end + 4));
    }
    while (left > 0) {
      const count = await connection.read(buffer);
      if (count === null) return;
      left -= count;
    }
    await connection.write(reply);
  }
}

for await (const connection of listener) serve(connection).catch(console.error);
