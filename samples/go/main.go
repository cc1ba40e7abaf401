// Hands in a document at a private relying party (sp) and waits for its verdict.
//
//	cd samples/go && JITSUIN_URL=http://localhost:8081 JITSUIN_API_KEY=... go run . FILE.xml
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"jitsuin.example/sample/jitsuin"
)

var ends = map[string]bool{
	"decided": true, "refused": true, "failed": true, "restart-needed": true, "expired": true, "cancelled": true,
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	client := jitsuin.New(os.Getenv("JITSUIN_URL"), os.Getenv("JITSUIN_API_KEY"))
	document, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	application, err := client.CreateApplication(ctx, document, jitsuin.CreateApplicationQuery{Profile: "guideline"}, "", "")
	if err != nil {
		return err
	}
	fmt.Println("署名対象識別コード", application.IdentificationCode)
	fmt.Println("open in a browser:", application.SignUrl)
	for !ends[application.State] {
		// the answer is held back until the end; the pause is for a server that has no place for who waits
		time.Sleep(pollEvery())
		if application, err = client.ReadApplication(ctx, application.Id, jitsuin.ReadApplicationQuery{Wait: 20}); err != nil {
			return err
		}
	}
	if application.State != "decided" {
		return fmt.Errorf("the application ended %s", application.State)
	}
	fmt.Println(application.State, application.Verdict.Indication)
	receipt, err := client.ReadReceipt(ctx, application.Id)
	if err != nil {
		return err
	}
	fmt.Println(receipt.Receipt)
	return nil
}

func pollEvery() time.Duration {
	if every, err := time.ParseDuration(os.Getenv("POLL_EVERY")); err == nil {
		return every
	}
	return time.Second / 2
}
