/**
 * @file The English program rule on sentences read by a person.
 */
import { describe, expect, it } from "vitest";
import { checkInstruction, rulesWithout } from "./check.js";
import { english } from "./en.js";

function verdict(instruction: string): string {
  const result = checkInstruction(instruction, english, rulesWithout([]));
  return result.accepted ? "accepted" : `${result.rule}: ${result.evidence}`;
}

describe("requests for programs in English", () => {
  it.each([
    "Write a program that adds numbers.",
    "Write a program to sort a list.",
    "write a program in Python that reads a name.",
    "Write a program, then explain it.",
    "Write a program: it counts vowels.",
    "Write a Program for counting words.",
    "WRITE A PROGRAM THAT PRINTS STARS.",
    "Write a program which finds prime numbers.",
    "Write a program (in C) for a stack.",
    "Write a program using only recursion.",
  ])("are refused: %s", (sentence) => {
    expect(verdict(sentence)).toMatch(/^program-request: /u);
  });

  it.each([
    "Write a programme for a spring concert.",
    "Write a programming exercise for beginners.",
    "Write a programmer's self-introduction.",
    "Write a short programme of a wedding.",
    "Explain why people write a program twice.",
    "Write a function that adds numbers.",
    "Write a poem about a lonely program.",
    "Write an essay on programs of the state.",
    "Suggest a training program for runners.",
    "Rewrite a program so that it is shorter.",
  ])("are not seen in: %s", (sentence) => {
    expect(verdict(sentence)).toBe("accepted");
  });
});
