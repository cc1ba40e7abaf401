module jitsuin.example/sample

go 1.19
