provider "google" {
  project = var.project_id
}

resource "google_compute_instance" "appliance" {
  count = var.appliances

  name         = "${var.goog_cm_deployment_name}-${count.index + 1}"
  machine_type = var.machine_type
  zone         = var.zone
  tags         = ["${var.goog_cm_deployment_name}-deployment"]

  boot_disk {
    initialize_params {
      image = var.source_image
      type  = var.boot_disk_type
      size  = var.boot_disk_size
    }
  }

  network_interface {
    network    = var.network
    subnetwork = var.subnetwork

    dynamic "access_config" {
      for_each = var.external_ip ? [1] : []
      content {}
    }
  }

  # The appliance has neither SSH nor an agent: keys of the project are of no use to it.
  metadata = {
    block-project-ssh-keys = "TRUE"
    enable-oslogin         = "FALSE"
    serial-port-enable     = "FALSE"
  }
}

resource "google_compute_firewall" "administration_page" {
  name          = "${var.goog_cm_deployment_name}-https"
  network       = var.network
  direction     = "INGRESS"
  source_ranges = [var.administrator_network]
  target_tags   = ["${var.goog_cm_deployment_name}-deployment"]

  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
}
