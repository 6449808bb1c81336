// Prints what comes on a channel, from a number on; comes back after a loss. Go, standard library.
//
//	go run listen.go http://127.0.0.1:8100 news 1
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

type message struct {
	Type    string `json:"type"`
	Seq     int64  `json:"seq"`
	Content string `json:"content"`
}

// listen returns the number to go on with, when the connection is lost.
func listen(front, channel string, seq int64) (int64, error) {
	query := url.Values{"cname": {channel}, "seq": {strconv.FormatInt(seq, 10)}}
	response, err := http.Get(front + "/stream?" + query.Encode())
	if err != nil {
		return seq, err
	}
	defer response.Body.Close()
	// Silence longer than 1.3 heartbeats of 30 seconds is a loss.
	const patience = 39 * time.Second
	silence := time.AfterFunc(patience, func() { response.Body.Close() })
	defer silence.Stop()
	decoder := json.NewDecoder(bufio.NewReader(response.Body))
	for {
		var m message
		if err := decoder.Decode(&m); err != nil {
			return seq, err
		}
		silence.Reset(patience)
		switch m.Type {
		case "data", "broadcast":
			seq = m.Seq + 1
			fmt.Println(m.Seq, m.Content)
		case "next_seq":
			seq = m.Seq
		case "close", "401", "429":
			log.Fatal(m.Type)
		}
	}
}

func main() {
	seq, err := strconv.ParseInt(os.Args[3], 10, 64)
	for ; ; time.Sleep(time.Duration(rand.Intn(1000)) * time.Millisecond) {
		if seq, err = listen(os.Args[1], os.Args[2], seq); err != nil {
			log.Print("lost: ", err)
		}
	}
}
