package dial

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxHead bounds the head of an HTTP proxy's answer in bytes.
const maxHead = 16 << 10

// speakHTTP asks for a connection by CONNECT.
func speakHTTP(r request) error {
	// The address has no character that could end a line: see check.
	ask := "CONNECT " + r.address + " HTTP/1.1\r\nHost: " + r.address + "\r\n"
	if r.user != "" {
		ask += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(r.user+":"+r.password)) + "\r\n"
	}
	if _, err := io.WriteString(r.conn, ask+"\r\n"); err != nil {
		return err
	}
	status, err := readStatus(r.conn)
	if err != nil {
		return err
	}
	switch {
	case status >= 200 && status <= 299:
		return nil
	case status == http.StatusProxyAuthRequired || status == http.StatusUnauthorized:
		return faultf(ErrLogin, "")
	case status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout:
		return faultf(ErrRefused, "it cannot reach it (status %d)", status)
	}
	// Its own words are not repeated: anybody may have written them.
	return faultf(ErrRefused, "it refuses (status %d)", status)
}

// readStatus reads the head of an answer, byte by byte so that none behind it is
// taken, and gives its status. Heads of 1xx are followed by another one.
func readStatus(r io.Reader) (int, error) {
	left := maxHead
	for {
		line, err := readLine(r, &left)
		if err != nil {
			return 0, err
		}
		version, rest, _ := strings.Cut(line, " ")
		code, _, _ := strings.Cut(rest, " ")
		status, err := strconv.Atoi(code)
		if (version != "HTTP/1.1" && version != "HTTP/1.0") || err != nil || len(code) != 3 || status < 100 {
			return 0, faultf(ErrProtocol, "its answer is not HTTP")
		}
		for line != "" {
			if line, err = readLine(r, &left); err != nil {
				return 0, err
			}
		}
		if status >= 200 {
			return status, nil
		}
		if status == http.StatusSwitchingProtocols {
			return 0, faultf(ErrProtocol, "it switches to another protocol")
		}
	}
}

// readLine reads up to a line feed. What cannot be HTTP is given up at once: a
// proxy of another kind may wait for more.
func readLine(r io.Reader, left *int) (string, error) {
	var line []byte
	var b [1]byte
	for {
		if *left--; *left < 0 {
			return "", faultf(ErrProtocol, "its answer is longer than %d bytes", maxHead)
		}
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return "", err
		}
		switch {
		case b[0] == '\n':
			return strings.TrimSuffix(string(line), "\r"), nil
		case b[0] < ' ' && b[0] != '\r' && b[0] != '\t':
			return "", faultf(ErrProtocol, "its answer is not HTTP")
		}
		line = append(line, b[0])
	}
}
