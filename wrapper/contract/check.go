package contract

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// check gathers the violations of one message.
type check struct {
	operation string
	// open says that an unknown value of an enumeration is only advice, as in answers and events.
	open  bool
	found Violations
}

func (c *check) add(where, reason string) {
	c.found = append(c.found, &Violation{Operation: c.operation, Where: where, Reason: reason})
}

// value checks a decoded value against a schema; without a schema everything goes.
func (c *check) value(where string, schema *jsonschema.Schema, value any) {
	if schema == nil {
		return
	}
	err := schema.Validate(value)
	if err == nil {
		return
	}
	for _, f := range faults(err) {
		c.found = append(c.found, &Violation{
			Operation: c.operation,
			Where:     where,
			Pointer:   f.pointer,
			Reason:    f.reason,
			Advisory:  c.open && f.unlisted,
		})
	}
}

// settle reports what a check has found, or makes it the error of the check.
func (v *Validator) settle(c *check) error {
	if v.report != nil {
		for _, violation := range c.found {
			v.report(*violation)
		}
		return nil
	}
	var failing Violations
	for _, violation := range c.found {
		if !violation.Advisory {
			failing = append(failing, violation)
		}
	}
	if len(failing) == 0 {
		return nil
	}
	return failing
}

// unknown is what a check says about a request that is no operation of the contract.
func (v *Validator) unknown(err *UnknownOperationError, where string) error {
	if v.report == nil {
		return err
	}
	v.report(Violation{Where: where, Reason: err.reason()})
	return nil
}
