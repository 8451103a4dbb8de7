package dwollatest

type upload struct{}

func readUpload(*call) (upload, error) { return upload{}, nil }
