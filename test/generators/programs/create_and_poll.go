// A caller made of nothing but what openapi-generator (go) wrote: create, open the link, poll.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	openapi "example.com/jitsuin/generated"
)

func main() {
	configuration := openapi.NewConfiguration()
	configuration.Servers = openapi.ServerConfigurations{{URL: os.Getenv("JITSUIN_URL")}}
	api := openapi.NewAPIClient(configuration).ApplicationsAPI
	ctx := context.WithValue(context.Background(), openapi.ContextAccessToken, os.Getenv("JITSUIN_API_KEY"))
	file, err := os.Open(os.Args[1])
	check(err)
	application, _, err := api.CreateApplication(ctx).
		IdempotencyKey(fmt.Sprint(time.Now().UnixNano())).Body(file).ExternalId("go-1").Execute()
	check(err)
	fmt.Println("open in a browser:", application.GetSignUrl())
	for !strings.Contains("decided failed refused expired cancelled", application.State) {
		time.Sleep(50 * time.Millisecond)
		application, _, err = api.ReadApplication(ctx, application.Id).Execute()
		check(err)
	}
	fmt.Println(application.State, application.Verdict.Indication, application.GetExternalId())
	_, _, err = api.ReadApplication(ctx, "01890a5d-ac96-774b-bcce-b302099a8057").Execute()
	var refused *openapi.GenericOpenAPIError
	if errors.As(err, &refused) {
		problem := refused.Model().(openapi.Problem)
		fmt.Println("refused:", problem.Code)
	}
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
