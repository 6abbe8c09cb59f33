/**
 * @file The numbers that keys of a recipe are.
 */
import { z } from "zod";

/** Whole, from 0. */
export const fromZero = z.number().int().min(0);
/** Whole, more than 0. */
export const positiveInt = z.number().int().positive();
/** The same numbers, told as at least 1. */
export const atLeastOne = z.int().min(1);
export const positive = z.number().positive();
export const notNegative = z.number().min(0);
/** 0..1. */
export const share = z.number().min(0).max(1);
