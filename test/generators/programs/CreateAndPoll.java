import java.io.File;
import java.util.UUID;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.ApplicationsApi;
import org.openapitools.client.model.Application;
import org.openapitools.client.model.Problem;

/** A caller made of nothing but what openapi-generator (java) wrote: create, open the link, poll. */
public class CreateAndPoll {
  public static void main(String[] args) throws Exception {
    ApiClient client = new ApiClient();
    client.setBasePath(System.getenv("JITSUIN_URL"));
    client.setBearerToken(System.getenv("JITSUIN_API_KEY"));
    ApplicationsApi api = new ApplicationsApi(client);
    String key = UUID.randomUUID().toString();
    Application application =
        api.createApplication(key, new File(args[0]), null, null, null, null, "java-1", null, null, null, null);
    System.out.println("open in a browser: " + application.getSignUrl());
    while (!application.getState().getValue().matches("decided|failed|refused|expired|cancelled")) {
      Thread.sleep(50);
      application = api.readApplication(application.getId(), null, null);
    }
    System.out.println(
        application.getState() + " " + application.getVerdict().getIndication() + " " + application.getExternalId());
    try {
      api.readApplication(UUID.randomUUID(), null, null);
    } catch (ApiException refused) {
      System.out.println("refused: " + Problem.fromJson(refused.getResponseBody()).getCode());
    }
    System.exit(0);
  }
}
