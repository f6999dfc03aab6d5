// What each route does. See Handler in routes.hpp for when and where these run.
#pragma once

namespace boxoffice::server {
class Call;
}

namespace boxoffice::server::handlers {

void list_events(Call& call);
void show_event(Call& call);
void reserve(Call& call);

void create_event(Call& call);
void edit_event(Call& call);
void delete_event(Call& call);
void event_stats(Call& call);
void invariants(Call& call);

void register_user(Call& call);
void login(Call& call);
void logout(Call& call);
void show_user(Call& call);
void list_tokens(Call& call);
void delete_token(Call& call);

void list_reservations(Call& call);
void show_reservation(Call& call);
void purchase(Call& call);
void cancel(Call& call);

void sweep(Call& call);
void livez(Call& call);
void readyz(Call& call);
void version(Call& call);
void openapi(Call& call);
void metrics(Call& call);
void dashboard(Call& call);
void dashboard_figures(Call& call);

}  // namespace boxoffice::server::handlers
