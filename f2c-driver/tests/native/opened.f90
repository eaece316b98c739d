! What OPEN and CLOSE refuse.
program p
  call options
end program
subroutine options
      character*60 m
      integer ios
      open(10,file='x.dat',access='direct',iostat=ios,iomsg=m)
      print *, ios, m
      open(10,file='x.dat',form='weird',iostat=ios,iomsg=m)
      print *, ios, m
      open(11,file='x.dat',access='weird',iostat=ios,iomsg=m)
      print *, ios, m
      open(12,file='x.dat',blank='weird',iostat=ios,iomsg=m)
      print *, ios, m
      open(-5,file='x.dat',iostat=ios,iomsg=m)
      print *, ios, m
      open(13,file='y.dat')
      open(14,file='y.dat',iostat=ios,iomsg=m)
      print *, ios, m
      open(13,file='y.dat',iostat=ios,form='unformatted')
      print *, ios
      close(13,status='weird',iostat=ios,iomsg=m)
      print *, ios, m
      close(13,status='delete')
      print *, ios
      open(16,status='old',iostat=ios)
      print *, ios
      open(17,file=' ',iostat=ios)
      print *, ios
      print *, ios
      open(18,file='r.dat',recl=-3,access='direct',iostat=ios)
      print *, ios
end subroutine
