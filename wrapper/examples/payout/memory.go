package main

import (
	"context"
	"errors"
	"io"
)

func inMemory(context.Context, []recipient, io.Writer) (*payer, error) {
	return nil, errors.New("set DWOLLA_ENVIRONMENT, DWOLLA_APP_KEY and DWOLLA_APP_SECRET")
}
