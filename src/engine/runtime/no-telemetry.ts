/**
 * @file Says to ONNX Runtime that it may not report to its vendor: from 1.30 on its
 * builds for Linux and macOS otherwise keep a device id and a queue of events in the
 * cache folder and send them. The library reads this variable once, when it loads, so
 * this file comes before the import of it. A program that computes in a worker thread
 * has to set the variable itself, since threads have an environment of their own.
 */
process.env["ORT_DISABLE_TELEMETRY"] = "1";
