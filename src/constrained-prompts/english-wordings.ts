/**
 * @file How English prompts ask for each kind of constraint.
 */
import type { Wordings } from "./prompt-language.js";

export const ENGLISH_WORDINGS: Wordings = {
  "keywords:existence": [
    "Make sure that {keywords} can be found in what you write.",
    "Work in {keywords} somewhere.",
    "Your text has to use {keywords}.",
  ],
  "keywords:frequency": [
    'The word "{keyword}" should occur {relation} {frequency} times.',
    'Use "{keyword}" {relation} {frequency} times.',
    'I want to count the word "{keyword}" {relation} {frequency} times in it.',
  ],
  "keywords:forbidden_words": [
    "Do without {forbidden_words}.",
    "Avoid {forbidden_words} altogether.",
    "Nowhere may the answer contain {forbidden_words}.",
  ],
  "keywords:letter_frequency": [
    'The letter "{letter}" should turn up {let_relation} {let_frequency} times.',
    'Write it so that "{letter}", large or small, occurs {let_relation} {let_frequency} times.',
    'Across all words, use the letter "{letter}" {let_relation} {let_frequency} times.',
  ],
  "language:response_language": [
    "Answer in {language} and in no other language.",
    "Write every word of the reply in {language}.",
    "The text is for readers who only know {language}, so use nothing else.",
  ],
  "length_constraints:number_sentences": [
    "Use {relation} {num_sentences} sentences.",
    "It should be {relation} {num_sentences} sentences long.",
    "Count your sentences: there should be {relation} {num_sentences}.",
  ],
  "length_constraints:number_paragraphs": [
    "Write exactly {num_paragraphs} paragraphs and put three asterisks, ***, between one and the next.",
    "Divide the text into {num_paragraphs} paragraphs with the divider *** between them.",
    "There should be {num_paragraphs} paragraphs, parted by ***.",
  ],
  "length_constraints:number_words": [
    "Use {relation} {num_words} words.",
    "Keep it to {relation} {num_words} words in all.",
    "The whole answer should have {relation} {num_words} words.",
  ],
  "length_constraints:nth_paragraph_first_word": [
    'Write {num_paragraphs} paragraphs with an empty line between each two, and let paragraph {nth_paragraph} begin with the word "{first_word}".',
    'There should be {num_paragraphs} paragraphs, parted by empty lines only; the first word of paragraph {nth_paragraph} is "{first_word}".',
    'Make it {num_paragraphs} paragraphs, two line breaks after each but the last. Paragraph {nth_paragraph} starts with "{first_word}".',
  ],
  "detectable_content:number_placeholders": [
    "Leave {num_placeholders} or more gaps to fill in, each named in square brackets such as [name].",
    "Include at least {num_placeholders} placeholders in square brackets, for example [date].",
    "Where details are missing, write placeholders like [place]; there should be no fewer than {num_placeholders}.",
  ],
  "detectable_content:postscript": [
    "Add a postscript at the end that begins with {postscript_marker}",
    "After the text comes a postscript, marked {postscript_marker}",
    "Close with something you forgot to say, behind the mark {postscript_marker}",
  ],
  "detectable_format:number_bullet_lists": [
    "Include exactly {num_bullets} bullet points, each on a line that starts with an asterisk, like: * a point.",
    "The answer has {num_bullets} bullet points in Markdown, no more and no fewer.",
    'Put the main ideas into exactly {num_bullets} bullets of the form "* idea".',
  ],
  "detectable_format:constrained_response": [
    "Choose one of these three answers: My answer is yes. My answer is no. My answer is maybe.",
    'Say "My answer is yes.", "My answer is no." or "My answer is maybe." in so many words.',
    'Your reply must contain one of "My answer is yes.", "My answer is no." and "My answer is maybe."',
  ],
  "detectable_format:number_highlighted_sections": [
    "Highlight {num_highlights} or more passages in Markdown, *like this*.",
    "Put at least {num_highlights} parts of the text between asterisks, as in *this part*.",
    "Stress no fewer than {num_highlights} phrases with Markdown's asterisks, *so*.",
  ],
  "detectable_format:multiple_sections": [
    "Divide it into {num_sections} sections and head each with {section_spliter} and its number, as in {section_spliter} 1.",
    'The text has {num_sections} sections; they begin with "{section_spliter} 1", "{section_spliter} 2" and so on.',
    "Number {num_sections} sections as {section_spliter} 1, {section_spliter} 2 …",
  ],
  "detectable_format:json_format": [
    "Give the whole answer as JSON; a Markdown fence around it is fine.",
    "The entire output must be valid JSON.",
    "Reply with a JSON object and with nothing beside it.",
  ],
  "detectable_format:title": [
    "Give it a title in double angle brackets, such as <<a quiet day>>.",
    "There must be a title, written <<like this>>.",
    "Put a heading of your own between << and >>.",
  ],
  "combination:two_responses": [
    "Give two different answers and put six asterisks, ******, between them, and nowhere else.",
    "I want to choose: write two versions that differ, with ****** between the first and the second.",
    "Answer twice in different ways; only the line ****** stands between the two.",
  ],
  "combination:repeat_prompt": [
    'Before you do, repeat the request word for word. The request is: "{prompt_to_repeat}" Say nothing ahead of it.',
    'Begin your reply with exactly these words, then answer: "{prompt_to_repeat}"',
    'First copy "{prompt_to_repeat}" without any change, and only then reply.',
  ],
  "startend:end_checker": [
    'The last words must be exactly "{end_phrase}" with nothing after them.',
    'Finish with this very phrase: "{end_phrase}"',
    'End on "{end_phrase}" and stop there.',
  ],
  "startend:quotation": [
    "Put the whole reply between double quotation marks.",
    "Your answer starts and ends with a double quotation mark.",
    'Wrap everything you write in "double quotes".',
  ],
  "change_case:capital_word_frequency": [
    "Words in capital letters only should occur {capital_relation} {capital_frequency} times.",
    "Write {capital_relation} {capital_frequency} words entirely in capitals.",
    "The number of words that are all capital letters should be {capital_relation} {capital_frequency}.",
  ],
  "change_case:english_capital": [
    "Write in English and in capital letters only.",
    "Everything should be English, ALL IN CAPITALS.",
    "Use nothing but upper-case letters, in English.",
  ],
  "change_case:english_lowercase": [
    "Write in English and in small letters only.",
    "Everything should be English without a single capital letter.",
    "Use nothing but lower-case letters, in English.",
  ],
  "punctuation:no_comma": [
    "Do not use a single comma.",
    "Leave out all commas.",
    "There must be no comma anywhere in your answer.",
  ],
};
