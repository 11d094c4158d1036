// Package benchtest measures the budgets of the architecture that concern the
// whole program, over the executables that are delivered: real hosts, plugins
// in their sandboxes, the embedded network, a real window under Xvfb. Floors
// are measured in the same run, between the figures, by benchmarks of the
// packages that may import what a floor is made of. It has no code that runs
// outside of benchmarks, and knows hosts only by their control sockets.
//
// Run it by make bench.
package benchtest
