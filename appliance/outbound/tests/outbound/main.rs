//! The dialer against real proxies and servers, in network namespaces. The tests need root and say
//! so when they are skipped.

#[cfg(test)]
mod authority;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod daemons;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod rogue;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod site;
