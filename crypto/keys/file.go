package keys

import "zat/crypto/internal/agebox"

// NewFileKey makes a key for files that people take out of zat and open with the stock
// age command. It opens nothing else: whoever finds one reads no case with it. file is
// what its owner keeps, in the form of age-keygen; only the recipient stays here.
func NewFileKey() (file []byte, recipient string, err error) {
	secret, recipient, err := agebox.NewFileKey()
	if err != nil {
		return nil, "", err
	}
	return []byte("# Zorgtafel: bewaarsleutel\n# public key: " + recipient + "\n" + secret + "\n"), recipient, nil
}

// SealFile encrypts a file for keys of NewFileKey, at least one.
func SealFile(plain []byte, recipients ...string) ([]byte, error) {
	return agebox.EncryptFile(plain, recipients...)
}
