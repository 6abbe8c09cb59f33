/**
 * @file English worked examples for instance generation, written for this project.
 *
 * Together they show every form: no input, one input, several inputs, inputs of
 * more than one line, labels that all get their turn.
 */
import type { InstanceShot } from "./shots.js";

export const englishInputFirst: readonly InstanceShot[] = [
  {
    instruction: "Turn the statement into a yes-or-no question.",
    instances: [
      {
        input: "The ferry leaves at noon.",
        output: "Does the ferry leave at noon?",
      },
      {
        input: "Your cousins have already eaten.",
        output: "Have your cousins already eaten?",
      },
    ],
  },
  {
    instruction: "Name three vegetables that grow underground.",
    instances: [{ input: "", output: "Carrots, beetroots and radishes." }],
  },
  {
    instruction:
      "Work out the total cost of the order and show the calculation.",
    instances: [
      {
        input: "4 notebooks at 2.50 each and 1 pen at 1.20",
        output: "4 × 2.50 = 10.00\n10.00 + 1.20 = 11.20\nThe total is 11.20.",
      },
      {
        input: "2 mugs at 7.00 each, delivery 3.90",
        output: "2 × 7.00 = 14.00\n14.00 + 3.90 = 17.90\nThe total is 17.90.",
      },
    ],
  },
  {
    instruction: "Write a two-line poem about a kettle that is about to boil.",
    instances: [
      {
        input: "",
        output:
          "It hums a low note, then a higher one,\nand clears its throat to say the wait is done.",
      },
    ],
  },
  {
    instruction: "From the message, list what has to be bought.",
    instances: [
      {
        input:
          "Hi! Mum comes at six. We still have rice, but no lemons, and the olive oil is nearly empty. Don't forget candles.",
        output: "- lemons\n- olive oil\n- candles",
      },
    ],
  },
  {
    instruction:
      "A child asks why the sea is salty. Answer in two or three sentences.",
    instances: [
      {
        input: "",
        output:
          "Rain washes tiny bits of salt out of the rocks, and rivers carry them to the sea. The sun takes water away from the sea again, but the salt stays behind. That has been going on for so long that the sea tastes salty.",
      },
    ],
  },
  {
    instruction:
      "Using the details given, write a short reminder to a colleague.",
    instances: [
      {
        input: "Colleague: Farid\nWhat: expense report\nDue: Thursday noon",
        output:
          "Hi Farid, just a reminder that the expense report is due by Thursday noon. Let me know if you are missing any receipts. Thanks!",
      },
    ],
  },
  {
    instruction: "Explain what the function returns for the given argument.",
    instances: [
      {
        input:
          "def g(n):\n    return n if n < 10 else g(n // 10)\n\nArgument: 742",
        output:
          "g(742) calls g(74), which calls g(7). As 7 is less than 10, the function returns 7, the first digit of 742.",
      },
    ],
  },
];

export const englishOutputFirst: readonly InstanceShot[] = [
  {
    instruction:
      "Tell whether the customer is asking, complaining or praising.",
    instances: [
      {
        input: "The lamp arrived with a cracked shade.",
        output: "complaining",
      },
      { input: "Do you ship to Norway?", output: "asking" },
      {
        input: "Best chair I ever sat on, thank you!",
        output: "praising",
      },
    ],
  },
  {
    instruction:
      "Is the number in the sentence used as a price, a date or a quantity?",
    instances: [
      { input: "We need 12 chairs for the hall.", output: "quantity" },
      { input: "The painting went for 900 dollars.", output: "price" },
      { input: "They met on the 14th of May.", output: "date" },
    ],
  },
  {
    instruction:
      "Does the second sentence contradict the first? Answer yes or no.",
    instances: [
      {
        input:
          "First: The shop is closed on Mondays.\nSecond: You can shop there every day of the week.",
        output: "yes",
      },
      {
        input: "First: Nora plays the cello.\nSecond: Nora owns a bicycle.",
        output: "no",
      },
    ],
  },
  {
    instruction: "Sort the animal by where it lives: land, water or both.",
    instances: [
      { input: "frog", output: "both" },
      { input: "cod", output: "water" },
      { input: "camel", output: "land" },
    ],
  },
  {
    instruction:
      "Pick the department for the letter: sales, service or accounting.",
    instances: [
      {
        input:
          "I was charged twice for invoice 5521. Please return one payment.",
        output: "accounting",
      },
      {
        input:
          "The machine has been making a grinding noise since yesterday. Can someone look at it?",
        output: "service",
      },
      {
        input: "Please send us an offer for forty desks.",
        output: "sales",
      },
    ],
  },
  {
    instruction: "Is the line of code valid Python? Say valid or invalid.",
    instances: [
      { input: "total = sum([1, 2, 3])", output: "valid" },
      { input: "for i in range(3) print(i)", output: "invalid" },
    ],
  },
];
