// Package tap prints results of tests in the Test Anything Protocol (testanything.org), with the
// functions of github.com/mndrix/tap-go that the validation of runtime-tools calls.
package tap

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// T counts the tests of a program and prints their results.
type T struct {
	Writer io.Writer
	count  int
}

// New returns a T that prints to standard output.
func New() *T {
	return &T{Writer: os.Stdout}
}

// Header prints the version of the protocol, and the number of tests unless it is 0.
func (t *T) Header(count int) {
	fmt.Fprintln(t.Writer, "TAP version 13")
	if count > 0 {
		fmt.Fprintf(t.Writer, "1..%d\n", count)
	}
}

// AutoPlan prints the number of tests that were counted.
func (t *T) AutoPlan() {
	fmt.Fprintf(t.Writer, "1..%d\n", t.count)
}

// Ok prints the result of a test.
func (t *T) Ok(passed bool, description string) {
	t.count++
	result := "ok"
	if !passed {
		result = "not ok"
	}
	fmt.Fprintf(t.Writer, "%s %d - %s\n", result, t.count, description)
}

// Pass prints that a test has passed.
func (t *T) Pass(description string) {
	t.Ok(true, description)
}

// Fail prints that a test has failed.
func (t *T) Fail(description string) {
	t.Ok(false, description)
}

// Skip prints that `count` tests were skipped.
func (t *T) Skip(count int, description string) {
	for ; count > 0; count-- {
		t.count++
		fmt.Fprintf(t.Writer, "ok %d # skip %s\n", t.count, description)
	}
}

// Todo returns a T whose failures do not count. This copy prints them like all others.
func (t *T) Todo() *T {
	return t
}

// Diagnostic prints a comment.
func (t *T) Diagnostic(message string) {
	fmt.Fprintln(t.Writer, "# "+strings.ReplaceAll(message, "\n", "\n# "))
}

// Diagnosticf prints a formatted comment.
func (t *T) Diagnosticf(format string, values ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, values...))
}

// YAML prints details of the last test. JSON is valid YAML.
func (t *T) YAML(details interface{}) error {
	text, err := json.MarshalIndent(details, "  ", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(t.Writer, "  ---\n  %s\n  ...\n", text)
	return nil
}
