import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBoolean, parseDecimal, parseInteger } from "./literals.ts";

test("a whole number on the command line may have a base and underscores", () => {
  const readings: readonly (readonly [string, number])[] = [
    ["0", 0],
    ["00", 0],
    ["-0", 0],
    ["42", 42],
    ["-1", -1],
    ["+7", 7],
    ["0x1F", 31],
    ["0X1f", 31],
    ["0o17", 15],
    ["017", 15],
    ["0_17", 15],
    ["0b101", 5],
    ["0x_1F", 31],
    ["1_000", 1000],
    ["-0b1", -1],
  ];
  for (const [text, value] of readings) assert.equal(valueOf(parseInteger(text)), value, text);
});

function valueOf(reading: ReturnType<typeof parseInteger>): number | string {
  return reading.kind === "value" ? reading.value : reading.message;
}

test("what is no whole number is refused in Go's words", () => {
  for (const text of [
    "",
    "-",
    "x",
    "1.5",
    " 1",
    "1 ",
    "08",
    "0x",
    "0o",
    "0b2",
    "_1",
    "1_",
    "1__0",
    "0x1G",
    "1e3",
    "0_8",
  ]) {
    assert.equal(valueOf(parseInteger(text)), `strconv.ParseInt: parsing "${text}": invalid syntax`);
  }
  const beyond = "9223372036854775808";
  assert.equal(valueOf(parseInteger(beyond)), `strconv.ParseInt: parsing "${beyond}": value out of range`);
  assert.equal(valueOf(parseInteger(`-${beyond}`)), -(2 ** 63));
});

test("a whole number in the environment is decimal", () => {
  assert.equal(valueOf(parseDecimal("017")), 17);
  assert.equal(valueOf(parseDecimal("-5")), -5);
  for (const text of ["", "0x1F", "1_000", " 1", "tcp://10.0.0.1:8080"]) {
    assert.equal(valueOf(parseDecimal(text)), `strconv.Atoi: parsing "${text}": invalid syntax`);
  }
});

test("yes and no have Go's spellings only", () => {
  for (const text of ["1", "t", "T", "TRUE", "true", "True"]) {
    assert.deepEqual(parseBoolean(text), { kind: "value", value: true });
  }
  for (const text of ["0", "f", "F", "FALSE", "false", "False"]) {
    assert.deepEqual(parseBoolean(text), { kind: "value", value: false });
  }
  for (const text of ["", "yes", "no", "on", "off", "tRUE", " true"]) {
    const message = `strconv.ParseBool: parsing "${text}": invalid syntax`;
    assert.deepEqual(parseBoolean(text), { kind: "invalid", message });
  }
});
