package main

import (
	"context"
)

func followUp(ctx context.Context, c *console, args []string) error { return nil }
