/**
 * The client half: Python's `requests` on Deno's `fetch`. Nothing is exported yet.
 *
 * @module
 */

export {};
