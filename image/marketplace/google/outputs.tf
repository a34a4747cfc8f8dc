output "administration_pages" {
  description = "Compare the fingerprint with the machine's serial port 1."
  value       = [for machine in google_compute_instance.appliance : "https://${machine.network_interface[0].network_ip}"]
}

output "self_links" {
  description = "The machines."
  value       = google_compute_instance.appliance[*].self_link
}
