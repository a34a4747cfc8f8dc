variable "project_id" {
  description = "Project of everything that is created."
  type        = string
}

# The name is the marketplace's.
variable "goog_cm_deployment_name" {
  description = "Name of the deployment and, with a number, of each machine."
  type        = string
}

# The marketplace replaces the default by the published image.
variable "source_image" {
  description = "Image of the appliance."
  type        = string
  default     = "projects/example-corp-public/global/images/connector-appliance"
}

variable "zone" {
  description = "Zone of the machines."
  type        = string
}

variable "machine_type" {
  description = "2 processors and 4 GB of memory."
  type        = string
  default     = "e2-medium"
}

variable "boot_disk_type" {
  description = "Type of the disk."
  type        = string
  default     = "pd-balanced"
}

variable "boot_disk_size" {
  description = "Size of the disk in GB, 20 or more."
  type        = number
  default     = 20

  validation {
    condition     = var.boot_disk_size >= 20
    error_message = "The disk needs 20 GB or more."
  }
}

variable "network" {
  description = "Network with the domain controllers and web servers."
  type        = string
  default     = "default"
}

variable "subnetwork" {
  description = "Subnetwork of the machines. It needs a way to the cloud on TCP port 443, such as Cloud NAT."
  type        = string
  default     = "default"
}

variable "administrator_network" {
  description = "Who reaches the administration page, as an address and a prefix length, such as 10.0.0.0/8."
  type        = string

  validation {
    condition     = can(cidrhost(var.administrator_network, 0))
    error_message = "Write a network such as 10.0.0.0/8."
  }
}

variable "external_ip" {
  description = "Whether each machine gets a public address too."
  type        = bool
  default     = false
}

variable "appliances" {
  description = "How many machines; two or more are advised."
  type        = number
  default     = 2

  validation {
    condition     = var.appliances >= 1 && var.appliances <= 10
    error_message = "From 1 to 10."
  }
}
