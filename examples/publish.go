// Publishes to a channel. Go, standard library.
//
//	go run publish.go http://127.0.0.1:8000 news 'hello'
package main

import (
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
)

func main() {
	form := url.Values{"cname": {os.Args[2]}, "content": {os.Args[3]}}
	answer, err := http.PostForm(os.Args[1]+"/push", form)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status)
	}
	io.Copy(os.Stdout, answer.Body)
}
